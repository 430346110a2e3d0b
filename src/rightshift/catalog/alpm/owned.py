"""pacman's list of the files that one package brought. The package itself: `desc.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Owned
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 64 << 20


def read_file(file: File) -> Iterator[Owned]:
    """
    The files below `%FILES%`, without folders. The folder's name says whose they are: `NAME-VERSION-RELEASE`.

    Source: libalpm's be_local.c (local database, "files").
    """
    name = file.path.split("/")[-2].rsplit("-", 2)[0] if "/" in file.path else ""
    text = "\n" + read_whole(file, LIMIT_BYTES).decode("utf-8", "replace")
    block = text.partition("\n%FILES%\n")[2].partition("\n\n")[0]
    paths = tuple([line for line in block.split("\n") if line and not line.endswith("/")])
    if name and paths:
        yield Owned(name, "", paths)


FORMAT = Format(
    name="pacman-files",
    ecosystem="alpm",
    title="Arch: var/lib/pacman/local/*/files",
    patterns=("pacman/local/*/files",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

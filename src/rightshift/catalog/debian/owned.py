"""dpkg's lists of the files that each package brought. The packages themselves: `status.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Owned
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 64 << 20


def read_file(file: File) -> Iterator[Owned]:
    """
    What one list names, folders included. The list's own name says whose it is: `libc6:amd64.list`.

    Source: dpkg(1), "Files"; dpkg's lib/dpkg/db-fsys-files.c.
    """
    name, _, arch = file.path.rpartition("/")[2].removesuffix(".list").partition(":")
    lines = read_whole(file, LIMIT_BYTES).decode("utf-8", "replace").split("\n")
    if paths := tuple([line[1:] for line in lines if len(line) > 1]):
        yield Owned(name, arch, paths)


FORMAT = Format(
    name="dpkg-files",
    ecosystem="deb",
    title="Debian, Ubuntu: var/lib/dpkg/info/*.list",
    patterns=("dpkg/info/*.list",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

"""The packages of images that hold no dpkg (distroless): a stanza a file, its file list beside it. Else `status.py`."""

from collections.abc import Iterator

from rightshift.catalog.debian import stanza
from rightshift.catalog.format import Format
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 8 << 20


def read_file(file: File) -> Iterator[Package | Owned | Gap]:
    """
    The package of one file, or the files that a `.md5sums` says it owns.

    Raises: stanza.MalformedStatus.
    Source: rules_distroless, "dpkg_statusd"; deb-md5sums(5).
    """
    content = read_whole(file, LIMIT_BYTES)
    name, dot, _ = file.path.rpartition("/")[2].rpartition(".md5sums")
    if not dot:
        yield from stanza.packages(content, "deb", without_status="install ok installed")
        return
    lines = content.decode("utf-8", "replace").splitlines()
    paths = tuple(path.strip().removeprefix("./") for _, _, path in (line.partition("  ") for line in lines) if path)
    if paths:
        yield Owned(name, "", paths)


FORMAT = Format(
    name="dpkg-status-d",
    ecosystem="deb",
    title="Debian without dpkg (distroless): var/lib/dpkg/status.d/*",
    patterns=("lib/dpkg/status.d/*",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

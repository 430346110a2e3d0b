"""opkg's lists of the files that each package brought. The packages themselves: `status.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Owned
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 16 << 20


def read_file(file: File) -> Iterator[Owned]:
    """
    What one list names. Its own name says whose it is: `busybox.list`; a line may go on with modes behind a tab.

    Source: opkg's libopkg/pkg.c, pkg_get_installed_files.
    """
    name = file.path.rpartition("/")[2].removesuffix(".list")
    lines = read_whole(file, LIMIT_BYTES).decode("utf-8", "replace").split("\n")
    if paths := tuple([path for line in lines if (path := line.partition("\t")[0].lstrip("/"))]):
        yield Owned(name, "", paths)


FORMAT = Format(
    name="opkg-files",
    ecosystem="opkg",
    title="OpenWrt, Yocto: usr/lib/opkg/info/*.list",
    patterns=("opkg/info/*.list",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

"""opkg's database of what is installed. Its shape is Debian's: `debian/stanza.py`."""

from collections.abc import Iterator

from rightshift.catalog.debian import stanza
from rightshift.catalog.format import Format
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages whose state is installed.

    Raises: stanza.MalformedStatus.
    Source: opkg's libopkg/pkg_parse.c.
    """
    return stanza.packages(content, "opkg", without_status="unknown ok not-installed")


FORMAT = Format(
    name="opkg-status",
    ecosystem="opkg",
    title="OpenWrt, Yocto: usr/lib/opkg/status, var/lib/opkg/status",
    patterns=("lib/opkg/status",),
    limit_bytes=32 << 20,
    partly=True,
    read=read,
)

"""dpkg's database of what is installed. Images without dpkg have a file for each package: `status_d.py`."""

from collections.abc import Iterator

from rightshift.catalog.debian import stanza
from rightshift.catalog.format import Format
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages whose state is installed, each with the source package that advisories name.

    Raises: stanza.MalformedStatus.
    Source: dpkg(1), "Package states"; deb-control(5), "Source".
    """
    return stanza.packages(content, "deb", without_status="unknown ok not-installed")


FORMAT = Format(
    name="dpkg-status",
    ecosystem="deb",
    title="Debian, Ubuntu: var/lib/dpkg/status",
    patterns=("lib/dpkg/status",),
    limit_bytes=64 << 20,
    partly=True,
    read=read,
)

"""The list of packages in images of Azure Linux and Mariner that hold no rpm. Databases: `sqlite.py` and beside it."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.rpm import header
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedRpmManifest(Malformed):
    """Not a single line of a package."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages in the file's order.

    Raises: MalformedRpmManifest.
    Source: azurelinux toolkit, "container-manifest-2": name, version-release, times of install and build, vendor,
    epoch, size, arch, epoch number, source rpm, apart by tabs.
    """
    bad = good = 0
    for line in content.decode("utf-8", "replace").splitlines():
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) < 10 or not fields[0] or not fields[1]:
            bad += 1
            continue
        good += 1
        yield Package(
            ecosystem="rpm",
            name=fields[0],
            version=fields[1],
            evidence="database",
            arch=fields[7],
            source=header.source(fields[9].strip()),
        )
    if bad and not good:
        raise MalformedRpmManifest("no line names a package")
    if bad:
        yield Gap("", f"{bad} lines name no package")


FORMAT = Format(
    name="rpm-container-manifest",
    ecosystem="rpm",
    title="Azure Linux, Mariner: var/lib/rpmmanifest/container-manifest-2",
    patterns=("rpmmanifest/container-manifest-2",),
    limit_bytes=16 << 20,
    read=read,
)

"""`nimble.lock`: the packages that a Nim project was locked to."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedNimbleLock(Malformed):
    """JSON that is no lock file."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages in the file's order.

    Raises: MalformedNimbleLock.
    Source: nim-lang/nimble, README, "nimble lock".
    """
    match json_document(content):
        case {"packages": dict(packages)}:
            pass
        case _:
            raise MalformedNimbleLock("no `packages`")
    bad = 0
    for name, entry in packages.items():
        match entry:
            case {"version": str(version)}:
                yield Package(ecosystem="nimble", name=name, version=version, state="locked")
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} packages without a version")


FORMAT = Format(
    name="nimble-lock",
    ecosystem="nimble",
    title="Nim: nimble.lock",
    patterns=("nimble.lock",),
    limit_bytes=8 << 20,
    read=read,
)

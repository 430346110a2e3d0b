"""`bun.lock`: the packages that Bun locked, as text. (The older `bun.lockb` is binary and not read.)"""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.catalog.npm import spec
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedBunLock(Malformed):
    """Not JSON with comments, or a package that is no list with its name first."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages of one lock file, each once, without the project at its root. One bad package refuses the file.

    Raises: MalformedBunLock.
    Source: Bun's repository, "bun.lock" text format: `packages` maps a place to `[name@resolution, …]`.
    """
    try:
        lock = text.jsonc_document(content)
    except Malformed as error:
        raise MalformedBunLock(str(error)) from error
    packages = lock.get("packages", {}) if isinstance(lock, dict) else None
    if not isinstance(packages, dict):
        raise MalformedBunLock("`packages` is not an object")
    yield from spec.distinct([_package(place, entry) for place, entry in packages.items()])


def _package(place: str, entry: object) -> Package:
    match entry:
        case [str(locator), *_]:
            name, version = spec.split(locator)
        case _:
            raise MalformedBunLock(f"no name at {place[:200]!r}")
    if not version:
        raise MalformedBunLock(f"no version at {place[:200]!r}")
    origin = spec.origin(version)
    return Package(
        ecosystem="npm", name=name, version=version if origin == "registry" else "", state="locked", origin=origin
    )


FORMAT = Format(
    name="bun-lock",
    ecosystem="npm",
    title="JavaScript: bun.lock",
    patterns=("bun.lock",),
    limit_bytes=64 << 20,
    read=read,
)

"""`composer.lock`: the packages a PHP project was locked to. Those that were installed: `installed.py`."""

from collections.abc import Iterable, Iterator, Mapping

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package, State


class MalformedComposerLock(Malformed):
    """JSON that is no lock file."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages of one lock file in its order, those for development last; the project itself is not among them.

    Raises: MalformedComposerLock.
    Source: Composer documentation, "Basic usage", "Commit your composer.lock file"; schema `composer-lock-schema.json`.
    """
    match json_document(content):
        case {"packages": list(packages), **rest}:
            pass
        case _:
            raise MalformedComposerLock("no list of `packages`")
    yield from entries(packages, "locked")
    match rest.get("packages-dev"):
        case list(packages):
            yield from entries(packages, "locked", all_dev=True)


def entries(
    packages: Iterable[object], state: State, *, dev: frozenset[str] = frozenset(), all_dev: bool = False
) -> Iterator[Package | Gap]:
    """Packages as both files write them; `dev` are the names of those for development. Bad ones are one gap."""
    bad = 0
    for entry in packages:
        match entry:
            case {"name": str(name), "version": str(version), **rest} if name:
                yield Package(
                    ecosystem="composer",
                    name=name,
                    version=version,
                    state=state,
                    origin=_origin(rest),
                    dev=all_dev or name in dev,
                    licenses=_licenses(rest.get("license")),
                )
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} packages without name or version")


def _origin(entry: Mapping[object, object]) -> Origin:
    """A registry asks to be notified; a repository of one's own, which may be a mirror, does not."""
    match entry:
        case {"dist": {"type": "path"}}:
            return "local"
        case {"notification-url": str()}:
            return "registry"
    return "unknown"


def _licenses(value: object) -> tuple[str, ...]:
    match value:
        case str(name):
            return (name,)
        case list(names):
            return tuple(name for name in names if isinstance(name, str))
    return ()


FORMAT = Format(
    name="composer-lock",
    ecosystem="composer",
    title="PHP: composer.lock",
    patterns=("composer.lock",),
    limit_bytes=32 << 20,
    read=read,
)

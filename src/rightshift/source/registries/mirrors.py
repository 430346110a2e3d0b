"""Where an image is asked for: its registry, and the mirrors that this machine's registries.conf names before it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.source import below
from rightshift.source.documents import open_regular
from rightshift.source.reference import ImageName

FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a repository there. `insecure` says that the owner of this machine lets it be asked without TLS."""

    host: str
    repository: str
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class _Mirror:
    location: str
    insecure: bool
    pulls: str


@dataclass(frozen=True, slots=True)
class Registry:
    """One table of registries.conf: where names that begin with its prefix are asked for."""

    prefix: str
    location: str
    insecure: bool
    blocked: bool
    mirrors: tuple[_Mirror, ...] = field(default=())


def endpoints(image: ImageName, said: Sequence[Registry]) -> tuple[Endpoint, ...]:
    """
    Where to ask for an image, in order; its own registry is the last.

    Source: containers-registries.conf(5), "Namespaced [[registry]] settings" and "Remapping and mirroring registries".

    Raises:
        SourceError: the owner of this machine blocked that registry.
    """
    full = f"{image.host}/{image.repository}"
    fitting = [found for found in said if _rest(found.prefix, full) is not None]
    if not fitting:
        return (Endpoint(image.host, image.repository),)
    best = max(fitting, key=lambda found: len(found.prefix))
    if best.blocked:
        raise SourceError(f"{image.host} is blocked by this machine's registries.conf")
    rest = _rest(best.prefix, full) or ""
    kind = "digest-only" if image.digest else "tag-only"
    places = [(mirror.location, mirror.insecure) for mirror in best.mirrors if mirror.pulls in ("all", kind)]
    if best.prefix.startswith("*.") and not best.location:
        own = Endpoint(image.host, image.repository, best.insecure)
    else:
        own = _endpoint((best.location or best.prefix) + rest, best.insecure)
    return (*(_endpoint(location + rest, insecure) for location, insecure in places), own)


def files(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The files of this machine and user, later ones replace what earlier ones say of a prefix."""
    home = Path(environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME") or "/nonexistent", ".config"))
    if environment.get("CONTAINERS_REGISTRIES_CONF"):
        return (Path(environment["CONTAINERS_REGISTRIES_CONF"]),)
    found = []
    for folder in (Path("/etc/containers"), home / "containers"):
        parts = folder / "registries.conf.d"
        found += [folder / "registries.conf", *(sorted(parts.glob("*.conf")) if parts.is_dir() else ())]
    return tuple(found)


def read(paths: Sequence[Path]) -> tuple[Registry, ...]:
    """
    What files say, the last word on each prefix.

    Raises:
        SourceError: one can't be read.
    """
    import tomllib

    by_prefix: dict[str, Registry] = {}
    for path in paths:
        if not path.is_file():
            continue
        fd = open_regular(path)
        try:
            content = tomllib.loads(below.read_descriptor(fd, str(path), FILE_BYTES).decode())
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path} can't be read: {str(error)[:120]}", do="Correct the file") from error
        finally:
            os.close(fd)
        for entry in _tables(content.get("registry")):
            made = _registry(entry)
            if made.prefix:
                by_prefix[made.prefix] = made
    return tuple(by_prefix.values())


def _registry(entry: Mapping[str, object]) -> Registry:
    location = _text(entry.get("location"))
    by_digest = entry.get("mirror-by-digest-only") is True
    mirrors = tuple(
        _Mirror(
            location=_text(mirror.get("location")),
            insecure=mirror.get("insecure") is True,
            pulls="digest-only" if by_digest else _text(mirror.get("pull-from-mirror")) or "all",
        )
        for mirror in _tables(entry.get("mirror"))
        if _text(mirror.get("location"))
    )
    return Registry(
        prefix=_text(entry.get("prefix")) or location,
        location=location,
        insecure=entry.get("insecure") is True,
        blocked=entry.get("blocked") is True,
        mirrors=mirrors,
    )


def _rest(prefix: str, full: str) -> str | None:
    """What follows a prefix in a full name, with its slash; None when the prefix does not fit."""
    if prefix.startswith("*."):
        host, _, path = full.partition("/")
        return f"/{path}" if host.endswith(prefix[1:]) else None
    if full == prefix or full.startswith(prefix + "/"):
        return full[len(prefix) :]
    return None


def _endpoint(name: str, insecure: bool) -> Endpoint:
    host, _, repository = name.partition("/")
    return Endpoint(host, repository, insecure)


def _tables(value: object) -> list[Mapping[str, object]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.rstrip("/") if isinstance(value, str) else ""

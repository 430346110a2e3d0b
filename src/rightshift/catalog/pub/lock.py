"""`pubspec.lock`: the packages that a Dart or Flutter project was locked to."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import yaml_documents
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

ORIGINS: dict[str, Origin] = {"hosted": "registry", "git": "git", "path": "local", "sdk": "local"}


class MalformedPubspecLock(Malformed):
    """YAML that is no lock file."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages in the file's order. Parts of an SDK are among them, with the version `0.0.0`.

    Raises: MalformedPubspecLock.
    Source: dart-lang/pub, lib/src/lock_file.dart.
    """
    match yaml_documents(content):
        case [] | [None] | [{"packages": None}]:
            return
        case [{"packages": dict(packages)}]:
            pass
        case _:
            raise MalformedPubspecLock("no `packages`")
    bad = 0
    for name, entry in packages.items():
        match entry:
            case {"version": str(version), **rest} if isinstance(name, str):
                yield Package(
                    ecosystem="pub",
                    name=name,
                    version=version,
                    state="locked",
                    origin=ORIGINS.get(str(rest.get("source")), "unknown"),
                    dev=rest.get("dependency") == "direct dev",
                )
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} packages without a version")


FORMAT = Format(
    name="pubspec-lock",
    ecosystem="pub",
    title="Dart: pubspec.lock",
    patterns=("pubspec.lock",),
    limit_bytes=8 << 20,
    read=read,
)

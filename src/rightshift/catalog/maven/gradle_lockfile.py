"""`gradle.lockfile` and `gradle/dependency-locks/*.lockfile`: what Gradle locked."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedGradleLockfile(Malformed):
    """No text, or no line that Gradle writes."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The dependencies of one lock file, in its order. `dev` is what only tests and processors of annotations need.

    Raises: MalformedGradleLockfile.
    Source: Gradle User Manual, "Locking Versions", "Lock state location and format".
    """
    try:
        lines = text.decoded(content).splitlines()
    except Malformed as error:
        raise MalformedGradleLockfile(str(error)) from error
    for number, line in enumerate(lines, 1):
        body = line.strip()
        if not body or body.startswith(("#", "empty=")):
            continue
        coordinates, _, configurations = body.partition("=")
        match coordinates.split(":"):
            case [group, artifact, version] if group and artifact and version:
                yield Package(
                    ecosystem="maven",
                    name=f"{group}:{artifact}",
                    version=version,
                    state="locked",
                    dev=_only_for_tests(configurations),
                )
            case _:
                yield Gap("", f"line {number} is no group:artifact:version")


def _only_for_tests(configurations: str) -> bool:
    words = [word for word in configurations.lower().split(",") if word]
    return bool(words) and all("test" in word or "annotationprocessor" in word for word in words)


FORMAT = Format(
    name="gradle-lock",
    ecosystem="maven",
    title="Java: gradle.lockfile, gradle/dependency-locks/*.lockfile",
    patterns=("gradle.lockfile", "buildscript-gradle.lockfile", "dependency-locks/*.lockfile"),
    limit_bytes=16 << 20,
    read=read,
)

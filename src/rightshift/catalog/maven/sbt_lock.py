"""`*.sbt.lock`: what the lock plugin of Scala's build tool wrote."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedSbtLock(Malformed):
    """Not JSON, or `dependencies` is not a list."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The dependencies of one lock file, in its order. `dev` is what no configuration but those for tests needs.

    Raises: MalformedSbtLock.
    Source: sbt-dependency-lock's repository, README, lock version 1.
    """
    try:
        lock = text.json_document(content)
    except Malformed as error:
        raise MalformedSbtLock(str(error)) from error
    entries = lock.get("dependencies", []) if isinstance(lock, dict) else None
    if not isinstance(entries, list):
        raise MalformedSbtLock("`dependencies` is not a list")
    for number, entry in enumerate(entries, 1):
        match entry:
            case {"org": str(group), "name": str(artifact), "version": str(version)} if group and artifact:
                configurations = entry.get("configurations")
                words = configurations if isinstance(configurations, list) else []
                yield Package(
                    ecosystem="maven",
                    name=f"{group}:{artifact}",
                    version=version,
                    state="locked",
                    dev=bool(words) and all("test" in str(word) for word in words),
                )
            case _:
                yield Gap("", f"dependency {number} lacks organisation, name or version")


FORMAT = Format(
    name="sbt-lock",
    ecosystem="maven",
    title="Scala: *.sbt.lock",
    patterns=("*.sbt.lock",),
    limit_bytes=32 << 20,
    read=read,
)

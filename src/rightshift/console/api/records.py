"""What the feed's records say of an advisory, for `advisories`. Blocks: called in a thread, with a feed of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from rightshift.console.store.read.finding_filter import spellings

if TYPE_CHECKING:
    from rightshift.feed.lookup import Feed

PACKAGES, VERSIONS, RANGES, REFERENCES, NAMES, DETAILS_CHARS = 200, 100, 50, 100, 200, 20_000
"""What is shown of one record. A few name thousands of packages; whoever needs all of them takes the record itself."""


class Reference(Struct, frozen=True):
    """An address that a record names, and what it is there."""

    type: str
    url: str


class Bound(Struct, frozen=True):
    """An end of a range: from which version on it holds, from which on it no longer does."""

    kind: Annotated[str, Meta(description="`introduced`, `fixed`, `last_affected`, `limit`")]
    version: str


class Statement(Struct, frozen=True, kw_only=True):
    """What a record says of one package. A version is affected if it is listed or lies in a range."""

    ecosystem: Annotated[str, Meta(description="As OSV writes it, with its release")]
    name: str
    ranges: list[list[Bound]]
    versions: list[str]
    ignored: bool


class Record(Struct, frozen=True, kw_only=True):
    """One record of the feed."""

    id: str
    aliases: list[str]
    summary: str
    details: str
    vectors: list[str]
    published: str
    modified: str
    withdrawn: bool
    references: list[Reference]
    affected: Annotated[list[Statement], Meta(description="At most 200 packages, at most 100 versions of each")]


def records(folder: Path, name: str, most: int) -> list[Record]:
    """The records of an advisory's group, itself first, up to `most`. Raises: FeedError."""
    from rightshift.feed import starter

    feed = starter.opened(folder)
    try:
        names = spellings([name])
        members = {member for one in names for member in feed.members(one)}
        ordered = sorted({*members, *names}, key=lambda one: (one not in names, one))
        return [_record(feed, one) for one in feed.among(ordered[: most * 4])[:most]]
    finally:
        feed.close()


def _record(feed: "Feed", id: str) -> Record:
    document = feed.document(id)
    assert document is not None  # `among` said that it is there
    return Record(
        id=id,
        aliases=list(document.aliases[:NAMES]),
        summary=document.summary,
        details=document.details[:DETAILS_CHARS],
        vectors=list(document.vectors),
        published=document.published,
        modified=document.modified,
        withdrawn=bool(document.withdrawn),
        references=[Reference(kind, url) for kind, url in document.references[:REFERENCES]],
        affected=_affected(feed, id),
    )


def _affected(feed: "Feed", id: str) -> list[Statement]:
    from rightshift.feed import packed

    found: list[Statement] = []
    for base, name in feed.packages(id):
        for statement in feed.statements(base, name):
            if statement.record != id:
                continue
            if len(found) == PACKAGES:
                return found
            said = packed.affected(base, name, statement)
            ranges = [[Bound(kind, version) for kind, version in one.events] for one in said.ranges[:RANGES]]
            found.append(
                Statement(
                    ecosystem=said.ecosystem,
                    name=said.name,
                    ranges=ranges,
                    versions=list(said.versions[:VERSIONS]),
                    ignored=said.ignored,
                )
            )
    return found

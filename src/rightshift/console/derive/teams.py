"""Which assets belong to which team: patterns of its selector over place, names and labels."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from rightshift.console.store.conclusions import teams as store
from rightshift.console.store.conclusions.teams import Placed, Team
from rightshift.console.store.pool import Connection

_LONGEST = 1_024
_MOST_STARS = 16
_WORDS: dict[str, Callable[[Placed], str]] = {
    "clusters": lambda one: one.cluster,
    "namespaces": lambda one: one.namespace,
    "hosts": lambda one: one.host,
    "images": lambda one: one.image,
}


def belongs(asset: Placed, team: Team) -> bool:
    """
    Whether all that the selector names holds: of several patterns of one sort any, of a label its value's pattern.

    A selector that names nothing, or anything that this version doesn't know, selects nothing.
    """
    named = {word: patterns for word, patterns in team.selector.items() if patterns}
    if not named:
        return False
    return all(_holds(asset, word, patterns) for word, patterns in named.items())


def _holds(asset: Placed, word: str, patterns: object) -> bool:
    if word == "labels":
        return all(_fits(asset.labels.get(name), value) for name, value in _labels(patterns))
    value = _WORDS.get(word)
    if value is None or not isinstance(patterns, list):
        return False
    found = value(asset)
    return bool(found) and any(_fits(found, pattern) for pattern in patterns)


def _labels(patterns: object) -> Iterable[tuple[str, object]]:
    """Written as {name: pattern} or as ["name=pattern"]; a name alone asks for any value."""
    if isinstance(patterns, Mapping):
        return [(str(name), pattern) for name, pattern in patterns.items()]
    if not isinstance(patterns, list):
        return [("", "")]
    parts = [str(one).partition("=") for one in patterns]
    return [(name, pattern if equals else "*") for name, equals, pattern in parts]


def _fits(value: str | None, pattern: object) -> bool:
    return value is not None and isinstance(pattern, str) and _matches(value, pattern)


@lru_cache(maxsize=1 << 14)
def _matches(value: str, pattern: str) -> bool:
    if len(pattern) > _LONGEST or pattern.count("*") > _MOST_STARS:
        return False
    return fnmatchcase(value, pattern)


async def assign(connection: Connection, numbers: Sequence[int]) -> None:
    """Concludes again to whom these assets belong."""
    if not numbers or not (teams := await store.teams(connection)):
        return
    found = await store.placed(connection, numbers)
    belonging = [(asset.number, team.id) for asset in found for team in teams if belongs(asset, team)]
    await store.assign(connection, numbers, belonging)


async def assign_all(connection: Connection) -> None:
    """After a team changed."""
    last = 0
    while numbers := await store.page(connection, last):
        await assign(connection, numbers)
        last = numbers[-1]

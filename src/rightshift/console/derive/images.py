"""Images have many names: digests of their configuration, manifests and indexes. Which of them are one image."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rightshift.console.store.conclusions import assets as store
from rightshift.console.store.conclusions.assets import Fact, Id
from rightshift.console.store.pool import Connection

_MOST = 1_000
"""Names of one image."""
_NAME_BYTES = 1_000
"""Of a longer one nobody asks, and an index can't hold it."""


@dataclass(frozen=True, slots=True)
class One:
    """An image: the key under which it is kept, and all others that stand for it."""

    key: str
    names: frozenset[str]
    others: tuple[int, ...]
    """Rows that turn out to be this one."""


def digests(key: str) -> set[str]:
    """A name and the digest in it: `NAME@DIGEST` is the image that DIGEST is."""
    _, at, digest = key.partition("@")
    return {key, digest} if at and digest else {key}


def repository(name: str) -> str:
    """Where an image lies: its name without digest and tag, a host's port kept."""
    path = name.partition("@")[0]
    head, slash, last = path.rpartition("/")
    return head + slash + last.partition(":")[0]


async def resolve(connection: Connection, keys: Iterable[str]) -> list[One]:
    """
    The images that these keys stand for, each once.

    An image that another one counts among its aliases is that one; else the digest of a configuration stands for it
    before a name, and the oldest row before others.
    """
    facts = await store.facts(connection, {("image", key) for key in keys})
    told = _told(facts)
    names = {key: frozenset(one for name in {key, *told.get(key, ())} for one in digests(name)) for key in keys}
    rows = await store.existing(connection, {("image", name) for group in names.values() for name in group})
    found: dict[str, One] = {}
    for key in sorted(names, key=lambda key: (not told.get(key), key)):
        standing = {row.number: row.id[1] for name in names[key] if (row := rows.get(("image", name)))}
        above = next((kept.key for kept in found.values() if key in kept.names), None)
        best = above or _best(key, bool(told.get(key)), standing)
        before = found.get(best, One(best, frozenset(), ()))
        others = {number for number, its in standing.items() if its != best}
        found[best] = One(
            best,
            before.names | names[key] | {key} | set(standing.values()),
            tuple(sorted({*before.others, *others})),
        )
    return list(found.values())


def _told(facts: Iterable[Fact]) -> Mapping[str, tuple[str, ...]]:
    told: dict[str, tuple[str, ...]] = {}
    for fact in facts:
        aliases = fact.attributes.get("aliases")
        if isinstance(aliases, list) and aliases:
            told[fact.id[1]] = tuple(
                str(one) for one in aliases[:_MOST] if one and len(str(one).encode()) <= _NAME_BYTES
            )
    return told


def _best(key: str, names_others: bool, standing: Mapping[int, str]) -> str:
    if names_others or not standing:
        return key
    kept = min(standing.items(), key=lambda one: ("@" in one[1], one[0]))[1]
    return key if "@" in kept and "@" not in key else kept


def ids(one: One) -> set[Id]:
    """All under which reporters may have told of it."""
    return {("image", name) for name in one.names}

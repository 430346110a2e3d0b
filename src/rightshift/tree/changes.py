"""What one layer does to those below it, kept small. What several make of an image: `whiteouts.py`."""

import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from rightshift.errors import Malformed

MAGIC = b"RSC1"
KEYS = 20_000_000
"""Paths of one layer, of each kind, that a packed form may hold."""
LINKS = 500_000
LINK_BYTES = 64 << 20
"""Links of one layer that are kept, and the length of their names and targets together; more are a gap."""
_HEAD = struct.Struct("<4s5IQQ")
_BUCKETS_FROM = 200_000
_SET_UP_TO = 200_000


class MalformedChanges(Malformed):
    """A packed form that is none: written by another version, or damaged."""


def key(path: str) -> int:
    """
    64 bits that stand for a path. Nobody finds a second path for the key of a given one, so a layer can't
    pretend to hide it.
    """
    return int.from_bytes(blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Keys:
    """A set of keys, in 8 bytes each."""

    __slots__ = ("_fast", "_sorted")

    def __init__(self, keys: "array[int] | None" = None) -> None:
        self._sorted = _in_order(keys) if keys else array("Q")
        self._fast: frozenset[int] | None = None

    def fast(self) -> "Keys | frozenset[int]":
        """The same for being asked often: as a set where that costs little room, made once."""
        if len(self._sorted) > _SET_UP_TO:
            return self
        if self._fast is None:
            self._fast = frozenset(self._sorted)
        return self._fast

    def __contains__(self, wanted: int) -> bool:
        place = bisect_left(self._sorted, wanted)
        return place < len(self._sorted) and self._sorted[place] == wanted

    def __len__(self) -> int:
        return len(self._sorted)

    def __iter__(self) -> Iterator[int]:
        return iter(self._sorted)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keys) and self._sorted == other._sorted

    __hash__ = None  # type: ignore[assignment]

    def pack(self) -> bytes:
        """Eight bytes for each key, little end first, in order."""
        return _little(self._sorted).tobytes()

    @staticmethod
    def unpack(packed: bytes) -> "Keys":
        """Raises MalformedChanges."""
        found: array[int] = array("Q")
        found.frombytes(packed)
        found = _little(found)
        if any(map(int.__gt__, found, found[1:])):
            raise MalformedChanges("keys that are not in order")
        keys = Keys()
        keys._sorted = found
        return keys


def _little(keys: "array[int]") -> "array[int]":
    if sys.byteorder == "little":
        return keys
    swapped = keys[:]
    swapped.byteswap()
    return swapped


def _in_order(keys: "array[int]") -> "array[int]":
    """Sorted; millions are sorted in parts, since a list of them takes four times their room."""
    if len(keys) < _BUCKETS_FROM:
        return array("Q", sorted(keys))
    buckets = [array("Q") for _ in range(256)]
    for one in keys:
        buckets[one >> 56].append(one)
    found: array[int] = array("Q")
    for bucket in buckets:
        found.extend(sorted(bucket))
    return found


@dataclass(frozen=True, slots=True)
class Changes:
    """
    What one layer brings and removes, by keys of its own member paths.

    `files` are all that is no folder: each hides what lay at its path, and below it. `removed` are paths that it takes
    away, `opaque` folders whose lower content it takes away. `folders` have a member of their own, `passed` only occur
    in the paths of others: there a link of a lower layer is followed.
    """

    files: Keys = field(default_factory=Keys)
    removed: Keys = field(default_factory=Keys)
    opaque: Keys = field(default_factory=Keys)
    folders: Keys = field(default_factory=Keys)
    passed: Keys = field(default_factory=Keys)
    links: Mapping[str, str] = field(default_factory=dict)
    """Symlinks by path, with the target as it is written."""
    hard: Mapping[str, str] = field(default_factory=dict)
    """Hard links by path, with the path in the same layer that they share."""
    wanted: tuple[str, ...] = ()
    """Those of both that somebody wanted the body of, by path."""

    def pack(self) -> bytes:
        """For keeping it; about 8 bytes for each member, and the links compressed."""
        keys = (self.files, self.removed, self.opaque, self.folders, self.passed)
        text = "\0".join([*_flat(self.links), "", *_flat(self.hard), "", *self.wanted])
        words = text.encode("utf-8", "surrogatepass")
        packed = zlib.compress(words, 1)
        head = _HEAD.pack(MAGIC, *map(len, keys), len(words), len(packed))
        return b"".join([head, *(one.pack() for one in keys), packed])

    @staticmethod
    def unpack(packed: bytes) -> "Changes":
        """What `pack` gave. Raises MalformedChanges."""
        if len(packed) < _HEAD.size:
            raise MalformedChanges("too short")
        magic, *counts, words, length = _HEAD.unpack_from(packed)
        if magic != MAGIC or max(counts) > KEYS or words > LINK_BYTES * 4:
            raise MalformedChanges("not of this version, or too large")
        at, keys = _HEAD.size, []
        if at + 8 * sum(counts) + length != len(packed):
            raise MalformedChanges("cut off")
        for count in counts:
            keys.append(Keys.unpack(packed[at : at + 8 * count]))
            at += 8 * count
        return Changes(*_five(keys), *_words(packed[at:], words))


def _five(keys: list[Keys]) -> tuple[Keys, Keys, Keys, Keys, Keys]:
    files, removed, opaque, folders, passed = keys
    return files, removed, opaque, folders, passed


def _flat(links: Mapping[str, str]) -> Iterable[str]:
    for path, target in links.items():
        yield path
        yield target or "."


def _words(packed: bytes, length: int) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """Links, hard links and wanted paths; an empty word stands between them, and no word is empty."""
    unpacker = zlib.decompressobj()
    try:
        words = unpacker.decompress(packed, length + 1)
        parts = words.decode("utf-8", "surrogatepass").split("\0")
        if len(words) != length or not unpacker.eof:
            raise MalformedChanges("links of another length")
        first = parts.index("")
        second = parts.index("", first + 1)
    except (zlib.error, ValueError) as error:
        raise MalformedChanges(f"damaged links: {error}") from error
    links, hard, wanted = parts[:first], parts[first + 1 : second], parts[second + 1 :]
    if len(links) % 2 or len(hard) % 2:
        raise MalformedChanges("a link without a target")
    pairs = (dict(zip(all_[::2], all_[1::2], strict=True)) for all_ in (links, hard))
    return next(pairs), next(pairs), tuple(wanted)


class Recorder:
    """Gathers the changes of one layer while its members are read."""

    def __init__(self) -> None:
        self._files: array[int] = array("Q")
        self._removed: array[int] = array("Q")
        self._opaque: array[int] = array("Q")
        self._folders: array[int] = array("Q")
        self._passed: array[int] = array("Q")
        self._links: dict[str, str] = {}
        self._hard: dict[str, str] = {}
        self._wanted: dict[str, None] = {}
        self._above = ""
        self._link_bytes = 0

    def file(self, path: str) -> None:
        """Something at this path that is no folder; it also stands for what a link is besides its target."""
        above = path.rpartition("/")[0]
        if above != self._above:
            self._pass(above)
        if (self._links or self._hard) and (path in self._links or path in self._hard):
            self._replaced(path)
        self._files.append(int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), "little"))

    def folder(self, path: str) -> None:
        """A folder that has a member of its own."""
        self._pass(path.rpartition("/")[0])
        if path in self._links or path in self._hard:
            self._replaced(path)
        self._folders.append(key(path))
        self._above = path

    def symlink(self, path: str, target: str) -> bool:
        """False when there are more links than are kept."""
        self.file(path)
        if room := self._room(path, target):
            self._links[path] = target
        return room

    def hard_link(self, path: str, target: str) -> bool:
        """False when there are more links than are kept."""
        self.file(path)
        if room := self._room(path, target):
            self._hard[path] = target
        return room

    def want(self, path: str) -> None:
        """The link at this path stands where somebody wants a body."""
        self._wanted[path] = None

    def _replaced(self, path: str) -> None:
        """A later member of the same layer has the path of an earlier link."""
        self._links.pop(path, None)
        self._hard.pop(path, None)
        self._wanted.pop(path, None)

    def remove(self, path: str) -> None:
        """The layers below lose what lies at this path."""
        self._removed.append(key(path))
        self._pass(path.rpartition("/")[0])

    def opaque(self, path: str) -> None:
        """The layers below lose what lies in this folder."""
        self._opaque.append(key(path))
        self._pass(path)

    def changes(self) -> Changes:
        """All that was gathered."""
        keys = [Keys(one) for one in (self._files, self._removed, self._opaque, self._folders, self._passed)]
        return Changes(*_five(keys), self._links, self._hard, tuple(self._wanted))

    def _room(self, path: str, target: str) -> bool:
        self._link_bytes += len(path) + len(target)
        return len(self._links) + len(self._hard) < LINKS and self._link_bytes < LINK_BYTES

    def _pass(self, folder: str) -> None:
        """Notes a folder and those above it, as far as the one before had not the same."""
        last, self._above = self._above + "/", folder
        while folder and not last.startswith(folder + "/"):
            self._passed.append(key(folder))
            folder = folder.rpartition("/")[0]

"""Reads bbolt databases beside their live writer, such as containerd's. What stands in one: `containerd.py`."""

import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from rightshift.errors import Malformed

_MAGIC = 0xED0CDAED
_VERSION = 2
_META = struct.Struct("<IIIIQQQQQQ")
_PAGE = struct.Struct("<QHHI")
_BRANCH_ITEM = struct.Struct("<IIQ")
_LEAF_ITEM = struct.Struct("<IIII")
_BUCKET = struct.Struct("<QQ")
_IS_BRANCH, _IS_LEAF, _IS_BUCKET = 0x01, 0x02, 0x01
_DEPTH = 32
_PAGE_BYTES = 64 << 20
_ATTEMPTS = 20

T = TypeVar("T")


class MalformedBolt(Malformed):
    """Not a bbolt database, or one that is damaged."""


def read(fd: int, look: Callable[["Bucket"], T]) -> T:
    """
    What `look` finds from the root bucket of one consistent state; it may be called several times.

    The writer never overwrites pages of the newest state before the next one is complete, so a look is sound when no
    transaction ended meanwhile. No lock is taken.

    Source: bbolt, page.go, bucket.go and db.go (file format version 2).

    Raises:
        MalformedBolt: it is no such database, damaged, or changed during every look.
        OSError: it can't be read.
    """
    for _ in range(_ATTEMPTS):
        before = _meta(fd)
        try:
            found = look(Bucket(_File(fd, before.page_bytes), before.root, b""))
        except MalformedBolt:
            if _meta(fd).transaction == before.transaction:
                raise
            continue
        if _meta(fd).transaction == before.transaction:
            return found
    raise MalformedBolt("the database changed during every look at it")


class Bucket:
    """Keys with values or further buckets, in the order of their bytes."""

    __slots__ = ("_file", "_inline", "_root")

    def __init__(self, file: "_File", root: int, inline: bytes) -> None:
        self._file, self._root, self._inline = file, root, inline

    def value(self, key: bytes) -> bytes:
        """The value of a key; empty when there is none or it is a bucket."""
        found = self._find(key)
        return found[1] if found and not found[0] & _IS_BUCKET else b""

    def bucket(self, *path: bytes) -> "Bucket | None":
        """The bucket at a path below this one."""
        here = self
        for key in path:
            found = here._find(key)
            if not found or not found[0] & _IS_BUCKET:
                return None
            here = here._opened(found[1])
        return here

    def keys(self) -> Iterator[bytes]:
        """All keys."""
        pages = [self._page()]
        waiting: list[int] = []
        seen: set[int] = set()
        while pages:
            page = pages.pop()
            for _, key, _ in page.leaves():
                yield key
            waiting += [number for _, number in page.branches()][::-1]
            if waiting:
                number = waiting.pop()
                if number in seen:
                    raise MalformedBolt("pages of a bucket lie in a circle")
                seen.add(number)
                pages.append(self._file.page(number))

    def _opened(self, value: bytes) -> "Bucket":
        if len(value) < _BUCKET.size:
            raise MalformedBolt("a bucket's head is cut off")
        root, _ = _BUCKET.unpack_from(value)
        return Bucket(self._file, root, value[_BUCKET.size :] if root == 0 else b"")

    def _page(self) -> "_Page":
        return _Page(self._inline) if self._inline or self._root == 0 else self._file.page(self._root)

    def _find(self, wanted: bytes) -> tuple[int, bytes] | None:
        page = self._page()
        for _ in range(_DEPTH):
            if page.is_leaf:
                return next(((flags, value) for flags, key, value in page.leaves() if key == wanted), None)
            below = 0
            for place, (key, number) in enumerate(page.branches()):
                if place and key > wanted:
                    break
                below = number
            if not below:
                return None
            page = self._file.page(below)
        raise MalformedBolt("a bucket is too deep")


@dataclass(frozen=True, slots=True)
class _Meta:
    page_bytes: int
    root: int
    transaction: int


class _File:
    __slots__ = ("_fd", "_page_bytes")

    def __init__(self, fd: int, page_bytes: int) -> None:
        self._fd, self._page_bytes = fd, page_bytes

    def page(self, number: int) -> "_Page":
        if number > 1 << 40:
            raise MalformedBolt("a page lies behind the end of the database")
        at = number * self._page_bytes
        head = os.pread(self._fd, self._page_bytes, at)
        if len(head) < _PAGE.size:
            raise MalformedBolt("a page lies behind the end of the database")
        overflow = int(_PAGE.unpack_from(head)[3])
        size = (overflow + 1) * self._page_bytes
        if size > _PAGE_BYTES:
            raise MalformedBolt("a page is too large")
        return _Page(head if not overflow else os.pread(self._fd, size, at))


class _Page:
    __slots__ = ("_content", "_count", "is_leaf")

    def __init__(self, content: bytes) -> None:
        if len(content) < _PAGE.size:
            raise MalformedBolt("a page is cut off")
        _, flags, self._count, _ = _PAGE.unpack_from(content)
        if not flags & (_IS_BRANCH | _IS_LEAF):
            raise MalformedBolt("a page holds neither keys nor pages")
        self.is_leaf = bool(flags & _IS_LEAF)
        self._content = content

    def leaves(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Flags, key and value of each item; none where this is no leaf."""
        for place in range(self._count if self.is_leaf else 0):
            at = _PAGE.size + place * _LEAF_ITEM.size
            flags, start, key, value = self._item(_LEAF_ITEM, at)
            yield flags, self._cut(at + start, key), self._cut(at + start + key, value)

    def branches(self) -> Iterator[tuple[bytes, int]]:
        """First key and number of each page below; none where this is a leaf."""
        for place in range(0 if self.is_leaf else self._count):
            at = _PAGE.size + place * _BRANCH_ITEM.size
            start, key, number = self._item(_BRANCH_ITEM, at)
            yield self._cut(at + start, key), number

    def _item(self, form: struct.Struct, at: int) -> tuple[int, ...]:
        try:
            return form.unpack_from(self._content, at)
        except struct.error as error:
            raise MalformedBolt("a page has fewer items than it says") from error

    def _cut(self, start: int, size: int) -> bytes:
        if start + size > len(self._content):
            raise MalformedBolt("an item lies behind the end of its page")
        return self._content[start : start + size]


def _meta(fd: int) -> _Meta:
    """The newer of the two heads whose sum is right; the second lies one page behind the first."""
    first = os.pread(fd, 4096, 0)
    found = [meta for page_bytes in _page_sizes(first) for at in (0, page_bytes) if (meta := _head(fd, at, page_bytes))]
    if not found:
        raise MalformedBolt("it is no bbolt database")
    return max(found, key=lambda meta: meta.transaction)


def _page_sizes(first: bytes) -> tuple[int, ...]:
    if len(first) >= _PAGE.size + _META.size:
        size = int(_META.unpack_from(first, _PAGE.size)[2])
        if 512 <= size <= 1 << 16 and size & (size - 1) == 0:
            return (size,)
    return (4096, 16384, 65536)


def _head(fd: int, at: int, page_bytes: int) -> _Meta | None:
    content = os.pread(fd, _PAGE.size + _META.size, at)[_PAGE.size :]
    if len(content) < _META.size:
        return None
    magic, version, size, _, root, _, _, _, transaction, total = _META.unpack(content)
    sound = magic == _MAGIC and version == _VERSION and size == page_bytes and total == _fnv64a(content[:-8])
    return _Meta(page_bytes, root, transaction) if sound else None


def _fnv64a(content: bytes) -> int:
    """Source: RFC 9923, FNV-1a with 64 bits."""
    total = 0xCBF29CE484222325
    for byte in content:
        total = (total ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return total

"""Writes small bbolt databases for tests: nested buckets, inline ones, branch pages, overflow pages."""

import struct
from collections.abc import Mapping
from typing import TypeAlias

PAGE_BYTES = 4096
Value: TypeAlias = bytes | Mapping[bytes, "Value"]


class Writer:
    """Pages in order; the first four are two heads, the list of free pages and an unused one."""

    def __init__(self, items_per_leaf: int) -> None:
        self.pages: list[bytes] = [b""] * 4
        self.items_per_leaf = items_per_leaf

    def bucket(self, content: Mapping[bytes, Value]) -> int:
        """Writes a bucket and gives the number of its root page."""
        items = [self._item(key, value) for key, value in sorted(content.items())]
        groups = [items[i : i + self.items_per_leaf] for i in range(0, len(items), self.items_per_leaf)] or [[]]
        level = [(group[0][1] if group else b"", self._add(2, _leaf(group), len(group))) for group in groups]
        while len(level) > 1:
            parts = [level[i : i + self.items_per_leaf] for i in range(0, len(level), self.items_per_leaf)]
            level = [(part[0][0], self._add(1, _branch(part), len(part))) for part in parts]
        return level[0][1]

    def _item(self, key: bytes, value: Value) -> tuple[int, bytes, bytes]:
        if isinstance(value, bytes):
            return 0, key, value
        small = all(isinstance(inner, bytes) for inner in value.values())
        if small and sum(len(k) + len(v) for k, v in value.items()) < 500:
            items = [(0, k, v) for k, v in sorted(value.items()) if isinstance(v, bytes)]
            return 1, key, struct.pack("<QQ", 0, 0) + _head(0, 2, len(items), 0) + _leaf(items)
        return 1, key, struct.pack("<QQ", self.bucket(value), 0)

    def _add(self, flags: int, body: bytes, count: int) -> int:
        number = len(self.pages)
        size = 16 + len(body)
        overflow = (size - 1) // PAGE_BYTES
        page = _head(number, flags, count, overflow) + body
        page += bytes((overflow + 1) * PAGE_BYTES - size)
        self.pages += [page[i : i + PAGE_BYTES] for i in range(0, len(page), PAGE_BYTES)]
        return number


def database(content: Mapping[bytes, Value], items_per_leaf: int = 3, transaction: int = 7) -> bytes:
    """A database whose older head is sound too and points at nothing."""
    writer = Writer(items_per_leaf)
    root = writer.bucket(content)
    empty = writer._add(2, b"", 0)
    heads = [head(root, transaction, len(writer.pages)), head(empty, transaction - 1, len(writer.pages))]
    pages = [_head(i, 4, 0, 0) + heads[i] for i in range(2)] + [_head(2, 16, 0, 0), b""]
    return b"".join(page.ljust(PAGE_BYTES, b"\0") for page in [*pages, *writer.pages[4:]])


def head(root: int, transaction: int, pages: int) -> bytes:
    content = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE_BYTES, 0, root, 0, 2, pages, transaction)
    total = 14695981039346656037
    for byte in content:
        total = (total ^ byte) * 1099511628211 % (1 << 64)
    return content + struct.pack("<Q", total)


def _head(number: int, flags: int, count: int, overflow: int) -> bytes:
    return struct.pack("<QHHI", number, flags, count, overflow)


def _leaf(items: list[tuple[int, bytes, bytes]]) -> bytes:
    heads, data = b"", b""
    for place, (flags, key, value) in enumerate(items):
        start = (len(items) - place) * 16 + len(data)
        heads += struct.pack("<IIII", flags, start, len(key), len(value))
        data += key + value
    return heads + data


def _branch(items: list[tuple[bytes, int]]) -> bytes:
    heads, data = b"", b""
    for place, (key, number) in enumerate(items):
        heads += struct.pack("<IIQ", (len(items) - place) * 16 + len(data), len(key), number)
        data += key
    return heads + data

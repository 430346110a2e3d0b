"""A page of memory that a child and its parent both see. What they say to each other: `channel.py`."""

import mmap
import os
import struct

PAGE_BYTES = 1 << 16


def new() -> int:
    """A descriptor of an empty page."""
    fd = os.memfd_create("rightshift-page")
    os.ftruncate(fd, PAGE_BYTES)
    return fd


class Page:
    """
    A page of memory that parent and child share: what is being read now, and how often something happened.

    It costs no call, so each file can be named before it is read, and a child that was ended tells what it died of.
    """

    _HEAD = struct.Struct("<QI")

    def __init__(self, fd: int) -> None:
        self._page = mmap.mmap(fd, PAGE_BYTES)
        self._beats = 0

    def reading(self, path: str) -> None:
        """Child: this file is read next; empty when none is."""
        text = path.encode("utf-8", "surrogatepass")[: PAGE_BYTES - self._HEAD.size]
        self._beats += 1
        self._page[self._HEAD.size : self._HEAD.size + len(text)] = text
        self._page[: self._HEAD.size] = self._HEAD.pack(self._beats, len(text))

    def beat(self) -> None:
        """Child: something was done."""
        self._beats += 1
        self._page[:8] = struct.pack("<Q", self._beats)

    def look(self) -> tuple[int, str]:
        """Parent: the count so far and the file that is being read."""
        beats, length = self._HEAD.unpack(self._page[: self._HEAD.size])
        length = min(length, len(self._page) - self._HEAD.size)
        return beats, self._page[self._HEAD.size : self._HEAD.size + length].decode("utf-8", "replace")

    def close(self) -> None:
        self._page.close()

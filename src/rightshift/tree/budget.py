"""What looking into archives inside archives may cost, shared by all levels. A tree's own limits: `entry.py`."""

from rightshift.errors import Malformed


class OverBudget(Malformed):
    """An archive, or what is nested in it, holds more than is read: the rest is left out."""


class Budget:
    """
    What is left for one file and everything nested in it; taking from it makes it smaller.

    `bytes_left` counts unpacked bytes, `entries_left` directory entries of all levels; `depth` is how many archives may
    lie in each other, the outermost not counted.
    """

    __slots__ = ("bytes_left", "depth", "entries_left")

    def __init__(self, *, unpacked_bytes: int = 1 << 30, entries: int = 1_000_000, depth: int = 8) -> None:
        self.bytes_left = unpacked_bytes
        self.entries_left = entries
        self.depth = depth

    def take_bytes(self, count: int) -> None:
        """Raises OverBudget when that many unpacked bytes are no longer left."""
        if count > self.bytes_left:
            raise OverBudget("the archive and what is nested in it unpack to more than is read")
        self.bytes_left -= count

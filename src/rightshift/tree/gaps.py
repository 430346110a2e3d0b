"""Keeps the list of losses short where a tree is full of them. The value itself: `model/inventory.Gap`."""

from collections.abc import Iterator
from typing import TypeVar

from rightshift.model.inventory import Gap

GAPS = 1000

Item = TypeVar("Item")


def at_most(items: Iterator[Item], limit: int = GAPS) -> Iterator[Item | Gap]:
    """The items with the first gaps; the rest of the gaps are counted in one at the end."""
    count = 0
    for item in items:
        if isinstance(item, Gap) and (count := count + 1) > limit:
            continue
        yield item
    if count > limit:
        yield Gap("", f"{count - limit} more parts could not be read")

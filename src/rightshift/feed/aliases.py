"""Ids that name the same flaw, closed over all records. What merely covers it (`upstream`, `related`): `joins.py`."""

from collections.abc import Iterable

GROUP = 64
"""Ids in one group at most. Real groups have up to 17; one record of a hostile mirror could tie all others together."""


def groups(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """
    The groups that these pairs of ids make, each sorted, in the order of their first ids; the pairs' order is nothing.

    A group over `GROUP` is no group: there the records' own words are not to be believed.
    """
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        parent.setdefault(one, one)
        while (above := parent[one]) != one:
            parent[one] = one = parent[above]
        return one

    for left, right in pairs:
        parent[root(left)] = root(right)
    found: dict[str, list[str]] = {}
    for one in list(parent):
        found.setdefault(root(one), []).append(one)
    return sorted(tuple(sorted(group)) for group in found.values() if 1 < len(group) <= GROUP)

"""Versions as a ladder: each line holds spellings of one version, and every line is older than all below it."""

from collections.abc import Callable
from itertools import combinations

from rightshift.versions.scheme import Key


def assert_ladder(key: Callable[[str], Key], ladder: str) -> None:
    """Compares every pair of the ladder both ways, and the hashes of what is equal. Spellings stand between blanks."""
    steps = [line.split() for line in ladder.split("\n") if line.strip()]
    assert len(steps) > 1
    for spellings in steps:
        for left, right in combinations(spellings, 2):
            assert key(left) == key(right), f"{left} = {right}"
            assert hash(key(left)) == hash(key(right)), f"{left} = {right}"
    for low, high in combinations(steps, 2):
        for left in low:
            for right in high:
                assert key(left) < key(right), f"{left} < {right}"
                assert not key(right) < key(left), f"{left} < {right}"

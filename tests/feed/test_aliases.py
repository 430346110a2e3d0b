"""Groups of ids: symmetric, transitive, independent of the order of what they were told, and bounded."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rightshift.feed.aliases import GROUP, groups

ids = st.sampled_from([f"ID-{n}" for n in range(12)])
pairs = st.lists(st.tuples(ids, ids), max_size=12)


def test_aliases_are_symmetric_and_transitive() -> None:
    assert groups([("GHSA-1", "CVE-1"), ("PYSEC-1", "CVE-1"), ("CVE-2", "GHSA-2")]) == [
        ("CVE-1", "GHSA-1", "PYSEC-1"),
        ("CVE-2", "GHSA-2"),
    ]


@given(pairs, st.randoms(use_true_random=False))
def test_order_and_direction_do_not_matter(told: list[tuple[str, str]], random: Random) -> None:
    other = [pair[::-1] if random.random() < 0.5 else pair for pair in told]
    random.shuffle(other)
    assert groups(told) == groups(other)


@given(pairs)
def test_groups_do_not_overlap_and_hold_every_pair(told: list[tuple[str, str]]) -> None:
    found = groups(told)
    assert len({one for group in found for one in group}) == sum(map(len, found))
    for left, right in told:
        assert left == right or any(left in group and right in group for group in found)


def test_one_record_cannot_tie_everything_together() -> None:
    assert groups([("EVIL-1", f"CVE-{n}") for n in range(GROUP)]) == []
    assert len(groups([("GOOD-1", f"CVE-{n}") for n in range(GROUP - 1)])) == 1

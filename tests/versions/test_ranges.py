"""OSV ranges: events are a set, what can't be parsed makes unknown what hangs on it, and fixes belong to a branch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.model.advisory import EventKind, Range
from rightshift.model.known import Known
from rightshift.versions import Scheme
from rightshift.versions.ranges import contains, fixed_on_branch, holding
from rightshift.versions.schemes import scheme

NO, UNKNOWN, YES = Known
KINDS: dict[str, EventKind] = {"introduced": "introduced", "fixed": "fixed", "last": "last_affected", "limit": "limit"}


def known(name: str) -> Scheme:
    found = scheme(name)
    assert found is not None
    return found


SEMVER = known("crates.io")


def range_of(text: str) -> Range:
    """`introduced 0, fixed 1.2`: events as words."""
    events = [event.split() for event in text.split(",") if event.strip()]
    return Range(tuple((KINDS[kind], version) for kind, version in events))


@pytest.mark.parametrize(
    ("events", "inside", "outside"),
    [
        ("introduced 0, fixed 1.2.0", "0.0.0-0 0.0.0 1.1.9 1.2.0-rc.1", "1.2.0 v1.2 1.2.1"),
        ("introduced 1.0.0, fixed 1.2.0", "1.0.0 1.1.0", "0.9.0 1.0.0-a 1.2.0"),
        ("introduced 0, last 1.2.0", "0.0.1 1.2.0 1.2.0+b", "1.2.1"),
        ("introduced 1.0.0", "1.0.0 99.0.0", "0.9.9"),
        ("introduced 0", "0.0.0 99.0.0", ""),
        ("introduced 0, fixed 1.0.0, introduced 2.0.0, fixed 2.1.0", "0.9.0 2.0.5", "1.0.0 1.9.0 2.1.0"),
        ("fixed 2.1.0, introduced 2.0.0, fixed 1.0.0, introduced 0", "0.9.0 2.0.5", "1.0.0 1.9.0 2.1.0"),
        ("introduced 1.0.0, fixed 1.0.0", "", "0.9.0 1.0.0 1.0.1"),
        ("introduced 1.0.0, last 1.0.0", "1.0.0", "0.9.0 1.0.1"),
        ("introduced 0, fixed 1.0.0, introduced 1.0.0, fixed 2.0.0", "0.5.0 1.0.0 1.5.0", "2.0.0"),
        ("introduced 0, last 1.0.0, introduced 1.0.0, fixed 2.0.0", "0.5.0 1.0.0 1.5.0", "2.0.0"),
        ("introduced 0, fixed 1.0.0, fixed 2.0.0", "0.9.0", "1.0.0 1.5.0 2.0.0"),
        ("introduced 10.0.0, fixed 9.0.0", "10.0.0 11.0.0", "8.0.0 9.0.0"),
        ("introduced 0, limit 2.0.0", "1.9.0", "2.0.0"),
        ("introduced 0, limit *", "1.9.0 99.0.0", ""),
        ("introduced 0, fixed 3.0.0, limit 2.0.0, limit 2.5.0", "2.4.0", "2.5.0 2.9.0"),
        ("fixed 1.0.0", "", "0.1.0 2.0.0"),
        ("", "", "1.0.0"),
    ],
)
def test_a_version_lies_in_a_range_or_does_not(events: str, inside: str, outside: str) -> None:
    for version in inside.split():
        assert contains(version, range_of(events), SEMVER) is YES, version
    for version in outside.split():
        assert contains(version, range_of(events), SEMVER) is NO, version


@pytest.mark.parametrize(
    ("events", "version", "answer"),
    [
        ("introduced 0, fixed 1.2.0", "nightly", UNKNOWN),
        ("introduced 1.0.0", "nightly", UNKNOWN),
        ("introduced 0", "nightly", YES),
        ("introduced 0", "", YES),
        ("introduced 0, fixed nightly", "1.0.0", UNKNOWN),
        ("introduced 1.0.0, fixed nightly", "0.9.0", NO),
        ("introduced 1.0.0, last nightly", "1.0.0", UNKNOWN),
        ("introduced nightly", "1.0.0", UNKNOWN),
        ("introduced nightly, fixed 2.0.0", "1.0.0", UNKNOWN),
        ("introduced nightly, fixed 2.0.0", "3.0.0", UNKNOWN),
        ("introduced nightly, introduced 2.0.0", "3.0.0", YES),
        ("introduced 0, limit nightly", "3.0.0", UNKNOWN),
        ("introduced 0, fixed nightly", "nightly", UNKNOWN),
    ],
)
def test_what_can_not_be_parsed_is_never_safe(events: str, version: str, answer: Known) -> None:
    assert contains(version, range_of(events), SEMVER) is answer


versions = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda parts: f"{parts[0]}.{parts[1]}")
events = st.lists(
    st.tuples(st.sampled_from(["introduced", "fixed", "last_affected"]), versions | st.just("0")),
    min_size=1,
    max_size=6,
)


@given(events, versions, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(found: list[tuple[EventKind, str]], version: str, random: object) -> None:
    shuffled = sorted(found, key=lambda event: (event[1], event[0]), reverse=True)
    assert contains(version, Range(tuple(found)), SEMVER) is contains(version, Range(tuple(shuffled)), SEMVER)


@given(events, versions, st.integers(0, 5))
def test_an_event_that_becomes_unreadable_never_turns_affected_into_safe(
    found: list[tuple[EventKind, str]], version: str, at: int
) -> None:
    before = contains(version, Range(tuple(found)), SEMVER)
    spoilt = [(kind, "?" if index == at else text) for index, (kind, text) in enumerate(found)]
    after = contains(version, Range(tuple(spoilt)), SEMVER)
    assert after is not NO or before is NO


@given(events, versions)
def test_it_agrees_with_the_events_taken_one_by_one(found: list[tuple[EventKind, str]], version: str) -> None:
    """The evaluation that OSV describes, for events at different versions."""
    if len({SEMVER.key(text) for _, text in found}) < len(found):
        return
    affected = False
    for kind, text in sorted(found, key=lambda event: (event[1] != "0", SEMVER.key(event[1]))):
        low = kind == "introduced" and text == "0"
        behind = SEMVER.key(text) < SEMVER.key(version)
        reached = low or behind or (kind != "last_affected" and SEMVER.key(text) == SEMVER.key(version))
        if reached:
            affected = kind == "introduced"
    assert contains(version, Range(tuple(found)), SEMVER) is (YES if affected else NO)


def test_of_several_ranges_the_strongest_answer_holds() -> None:
    no, unread, yes = range_of("introduced 5.0.0"), range_of("introduced ?"), range_of("introduced 0, fixed 2.0.0")
    assert holding("1.0.0", [no, unread, yes], SEMVER) == (YES, yes)
    assert holding("1.0.0", [no, unread], SEMVER) == (UNKNOWN, unread)
    assert holding("1.0.0", [no], SEMVER) == (NO, None)


@pytest.mark.parametrize(
    ("version", "ranges", "fixed"),
    [
        ("1.0.0", ["introduced 0, fixed 1.2.0, introduced 2.0.0, fixed 2.1.0"], ("1.2.0",)),
        ("2.0.0", ["introduced 0, fixed 1.2.0, introduced 2.0.0, fixed 2.1.0"], ("2.1.0",)),
        ("1.0.0", ["introduced 0, fixed 1.2.0", "introduced 0, fixed 1.5.0"], ("1.5.0",)),
        ("1.0.0", ["introduced 0, fixed 1.2.0", "introduced 1.2.0, fixed 1.5.0"], ()),
        ("1.0.0", ["introduced 0"], ()),
        ("1.0.0", ["introduced 0, last 1.2.0"], ()),
        ("1.0.0", ["introduced 0, last 1.2.0, introduced 2.0.0, fixed 2.1.0"], ()),
        ("1.5.0", ["introduced 0, fixed 1.2.0, introduced 2.0.0, fixed 2.1.0"], ("2.1.0",)),
        ("3.0.0", ["introduced 0, fixed 1.2.0"], ()),
        ("nightly", ["introduced 2.0.0, fixed 10.0.0", "introduced 0, fixed 1.2.0"], ("1.2.0", "10.0.0")),
        ("1.0.0", ["introduced 0, fixed 1.10.0", "introduced 0, fixed v1.10.0"], ("1.10.0",)),
    ],
)
def test_fixes_are_those_of_the_branch(version: str, ranges: list[str], fixed: tuple[str, ...]) -> None:
    assert fixed_on_branch(version, [range_of(text) for text in ranges], SEMVER) == fixed


@given(st.lists(events, min_size=1, max_size=3), versions)
def test_no_fix_is_below_the_version_or_itself_affected(found: list[list[tuple[EventKind, str]]], version: str) -> None:
    ranges = [Range(tuple(each)) for each in found]
    fixes = fixed_on_branch(version, ranges, SEMVER)
    assert list(fixes) == sorted(fixes, key=SEMVER.key)
    for fix in fixes:
        assert SEMVER.key(version) < SEMVER.key(fix)
        assert holding(fix, ranges, SEMVER)[0] is NO


@pytest.mark.parametrize(
    ("ecosystem", "events", "inside", "outside"),
    [
        ("Debian:12", "introduced 0, fixed 2.36-9+deb12u4", "2.36-9+deb12u3 2.31-13", "2.36-9+deb12u4 2.36-9+deb12u10"),
        ("AlmaLinux:8", "introduced 0, fixed 0:1.0-2.el8", "1.0-1.el8 0:1.0-1.el8", "1.0-2.el8 1:0.1-1.el8"),
        ("Alpine:v3.19", "introduced 0, fixed 3.1.4-r6", "3.1.4-r5 3.1.4_rc1-r9", "3.1.4-r6 3.1.10-r0"),
        ("PyPI", "introduced 2.0, fixed 2.31.0", "2.0.0 2.30.9 2.31.0rc1", "2.31 1.9 2.0.dev1"),
        ("Maven", "introduced 2.0-beta9, fixed 2.15.0", "2.0-beta9 2.14.1 2.0", "2.0-beta8 2.15.0 2.15.0.RELEASE"),
        ("Go", "introduced 1.21.0-0, fixed 1.21.5", "go1.21rc2 1.21.4 v1.21.0", "go1.21.5 go1.20.12"),
        ("Julia", "introduced 0, fixed 1.5.0+2", "1.5.0+1 1.4.9+9", "1.5.0+2 1.5.1+0"),
    ],
)
def test_each_ecosystem_has_its_own_order(ecosystem: str, events: str, inside: str, outside: str) -> None:
    for version in inside.split():
        assert contains(version, range_of(events), known(ecosystem)) is YES, version
    for version in outside.split():
        assert contains(version, range_of(events), known(ecosystem)) is NO, version

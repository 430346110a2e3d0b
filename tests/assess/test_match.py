"""Whether a statement holds for a version, which records are one, and by which id people know them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess import match
from rightshift.model.advisory import Affected, EventKind, Range
from rightshift.model.known import Known
from rightshift.model.package import Package
from rightshift.versions.scheme import Scheme
from rightshift.versions.schemes import scheme


def order(ecosystem: str) -> Scheme:
    found = scheme(ecosystem)
    assert found is not None
    return found


def within(*events: tuple[EventKind, str]) -> Range:
    return Range(events)


def says(*ranges: Range, versions: tuple[str, ...] = ()) -> Affected:
    return Affected("GHSA-1", "PyPI", "x", ranges, versions)


UP_TO_2 = within(("introduced", "0"), ("fixed", "2.0"))
BRANCHES = within(("fixed", "2.5"), ("introduced", "2.1"), ("fixed", "1.5"), ("introduced", "0"))


@pytest.mark.parametrize(
    ("version", "affected", "rule", "certain", "fixed"),
    [
        ("1.9", says(UP_TO_2), "range", Known.YES, ("2.0",)),
        ("1.9", says(UP_TO_2, versions=("1.9",)), "versions", Known.YES, ("2.0",)),
        ("3.0", says(UP_TO_2, versions=("3.0",)), "versions", Known.YES, ()),
        ("1.0", says(versions=("0.9", "1.0.0")), "versions", Known.YES, ()),
        ("2.2", says(BRANCHES), "range", Known.YES, ("2.5",)),
        ("1.0", says(BRANCHES), "range", Known.YES, ("1.5",)),
        ("1.0", says(within(("introduced", "0"))), "range", Known.YES, ()),
        ("1.0", says(within(("introduced", "0"), ("last_affected", "1.0"))), "range", Known.YES, ()),
        ("no version", says(UP_TO_2), "unparsed", Known.UNKNOWN, ("2.0",)),
        ("no version", says(within(("introduced", "0"))), "range", Known.YES, ()),
        ("no version", says(UP_TO_2, versions=("no version",)), "versions", Known.YES, ("2.0",)),
        ("", says(within(("introduced", "0"))), "range", Known.YES, ()),
    ],
)
def test_what_holds(version: str, affected: Affected, rule: str, certain: Known, fixed: tuple[str, ...]) -> None:
    found = match.verdict(version, affected, order("PyPI"))
    assert found is not None
    assert (found.rule, found.certain, found.fixed) == (rule, certain, fixed)
    assert found.affected.advisory in found.because


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("2.0", says(UP_TO_2)),
        ("2.0", says(BRANCHES)),
        ("1.1", says(within(("introduced", "0"), ("last_affected", "1.0")))),
        ("1.0", says(versions=("0.9", "1.0.1", "11.0"))),
        ("1.0", says()),
        ("", says(UP_TO_2)),
        ("", says(versions=("",))),
    ],
)
def test_what_does_not(version: str, affected: Affected) -> None:
    assert match.verdict(version, affected, order("PyPI")) is None


def test_without_an_order_only_a_list_is_sure() -> None:
    assert match.verdict("v1", says(versions=("v1",)), None) is not None
    unknown = match.verdict("v2", says(UP_TO_2), None)
    assert unknown is not None
    assert (unknown.rule, unknown.certain) == ("unparsed", Known.UNKNOWN)
    assert match.verdict("v2", says(versions=("v1",)), None) is None


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((("introduced", "0"), ("fixed", "2.0")), "lies in >= 0, < 2.0"),
        ((("introduced", "1.0"), ("last_affected", "1.9")), "lies in >= 1.0, <= 1.9"),
        (
            (("introduced", "9"), ("introduced", "1.2"), ("fixed", "1.7"), ("introduced", "0"), ("fixed", "1.1")),
            ">= 1.2, < 1.7",
        ),
        ((("introduced", "0"), ("fixed", "1.1"), ("introduced", "1.2")), "lies in >= 1.2"),
    ],
)
def test_the_rule_shows_the_interval_that_holds(events: tuple[tuple[EventKind, str], ...], expected: str) -> None:
    found = match.verdict("1.5", says(Range(events)), order("PyPI"))
    assert found is not None
    assert found.because.endswith(expected)


versions = st.builds("{}.{}".format, st.integers(0, 4), st.integers(0, 4))
events = st.lists(
    st.tuples(st.sampled_from(["introduced", "fixed", "last_affected"]), st.just("0") | versions), max_size=6
)


@given(versions, events, st.randoms(use_true_random=False))
def test_the_order_of_events_does_not_matter(version: str, told: list[tuple[EventKind, str]], random: Random) -> None:
    shuffled = told[:]
    random.shuffle(shuffled)
    first, second = (match.verdict(version, says(Range(tuple(each))), order("PyPI")) for each in (told, shuffled))
    assert (first and (first.rule, first.certain, first.fixed)) == (
        second and (second.rule, second.certain, second.fixed)
    )


@given(versions, events)
def test_what_fixes_it_is_above_it_and_not_affected_itself(version: str, told: list[tuple[EventKind, str]]) -> None:
    affected, pep440 = says(Range(tuple(told))), order("PyPI")
    found = match.verdict(version, affected, pep440)
    for fix in found.fixed if found else ():
        assert pep440.key(version) < pep440.key(fix)
        again = match.verdict(fix, affected, pep440)
        assert again is None or again.certain is not Known.YES


@given(
    st.text(max_size=20),
    st.lists(st.text(max_size=8), max_size=4),
    st.sampled_from(["PyPI", "npm", "Debian", "AlmaLinux", "Maven", "Go"]),
)
def test_no_text_raises(version: str, texts: list[str], ecosystem: str) -> None:
    told = [within(("introduced", one), ("fixed", one + "1")) for one in texts]
    match.verdict(version, says(*told, versions=tuple(texts)), order(ecosystem))


def test_records_that_share_a_name_over_any_way_are_one() -> None:
    names = {"A": ["a", "x"], "B": ["b"], "C": ["x", "y"], "D": ["y", "d"]}
    assert match.grouped("ABCD", names.__getitem__) == [["A", "C", "D"], ["B"]]


@given(
    st.lists(st.sampled_from("ABCDEF"), unique=True),
    st.dictionaries(st.sampled_from("ABCDEF"), st.lists(st.sampled_from("xyz"))),
)
def test_groups_hold_each_record_once(records: list[str], names: dict[str, list[str]]) -> None:
    groups = match.grouped(records, lambda one: names.get(one, []))
    assert sorted(one for group in groups for one in group) == sorted(records)
    assert {frozenset(g) for g in groups} == {
        frozenset(g) for g in match.grouped(records[::-1], lambda one: names.get(one, []))
    }


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["GHSA-a", "CVE-2021-10000", "CVE-2021-9999"], "CVE-2021-9999"),
        (["PYSEC-1", "GHSA-b", "GHSA-a"], "GHSA-a"),
        (["RUSTSEC-2", "GO-1"], "GO-1"),
        (["CVE-2021-1", "MAL-2024-1"], "MAL-2024-1"),
    ],
)
def test_the_id_that_people_know(ids: list[str], expected: str) -> None:
    assert match.best_id(ids) == expected


@pytest.mark.parametrize(
    ("ecosystem", "name", "client", "host"),
    [
        ("pypi", "requests", True, False),
        ("npm", "axios", True, False),
        ("npm", "requests", False, False),
        ("deb", "libcurl4", True, False),
        ("deb", "linux-image-6.1.0-18-amd64", False, True),
        ("rpm", "kernel-core", False, True),
        ("golang", "github.com/opencontainers/runc", False, True),
        ("golang", "github.com/docker/docker-credential-helpers", False, False),
    ],
)
def test_what_only_calls_out_and_what_is_the_host(ecosystem: str, name: str, client: bool, host: bool) -> None:
    package = Package(ecosystem=ecosystem, name=name)
    assert (match.client_only(package), match.host_code(package)) == (client, host)

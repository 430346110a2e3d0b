"""A rule leaves what all of it means, until its day, and never without a reason."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.ignore import MalformedRule, Rule, apply, expired, fits, holds
from rightshift.model.advisory import Match
from rightshift.model.known import Known
from rightshift.model.package import Package, SourcePackage

TODAY = date(2026, 3, 1)
MATCH = Match(
    package=Package(ecosystem="pypi", name="Foo_Bar", version="1.0", locations=("srv/app/foo.dist-info/METADATA",)),
    id="CVE-2026-0001",
    aliases=("GHSA-aaaa-bbbb-cccc",),
    records=("PYSEC-2026-1",),
    rule="",
    certain=Known.YES,
)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(advisory="CVE-2026-0001", reason="r"),
        Rule(advisory="ghsa-AAAA-bbbb-cccc", reason="r"),
        Rule(advisory="PYSEC-2026-1", reason="r"),
        Rule(package="foo-bar", reason="r"),
        Rule(package="pkg:pypi/foo-bar", reason="r"),
        Rule(package="pkg:pypi/foo-bar@1.0", reason="r"),
        Rule(path="srv/app/**", reason="r"),
        Rule(path="/srv/*/foo.dist-info/METADATA", reason="r"),
        Rule(advisory="CVE-2026-0001", package="foo_bar", path="**/METADATA", reason="r"),
    ],
)
def test_a_rule_holds_where_all_of_it_does(rule: Rule) -> None:
    kept, left = apply([MATCH], [rule], TODAY)
    assert (kept, [each.reason for each in left]) == ((), ["r"])


@pytest.mark.parametrize(
    "rule",
    [
        Rule(advisory="CVE-2026-00011", reason="r"),
        Rule(package="foo", reason="r"),
        Rule(package="pkg:pypi/foo-bar@1.1", reason="r"),
        Rule(package="pkg:npm/foo-bar", reason="r"),
        Rule(path="srv/*", reason="r"),
        Rule(path="app/**", reason="r"),
        Rule(advisory="CVE-2026-0001", package="other", reason="r"),
        Rule(advisory="CVE-2026-0001", path="opt/**", reason="r"),
    ],
)
def test_a_rule_of_which_one_part_does_not_hold_leaves_nothing(rule: Rule) -> None:
    assert apply([MATCH], [rule], TODAY) == ((MATCH,), ())


def test_a_package_may_be_named_by_its_source() -> None:
    package = Package(ecosystem="deb", name="libssl3", version="1", source=SourcePackage("openssl"))
    assert holds(Rule(package="openssl", reason="r"), replace(MATCH, package=package))


def test_a_path_must_hold_for_every_place() -> None:
    package = replace(MATCH.package, locations=("test/a/METADATA", "srv/a/METADATA"))
    assert not holds(Rule(path="test/**", reason="r"), replace(MATCH, package=package))
    assert not holds(Rule(path="**", reason="r"), replace(MATCH, package=replace(package, locations=())))


def test_the_pattern_of_an_archive_means_what_lies_in_it() -> None:
    package = replace(MATCH.package, locations=("opt/app.jar!/lib/inner.jar",))
    assert holds(Rule(path="opt/app.jar", reason="r"), replace(MATCH, package=package))
    assert holds(Rule(path="**/inner.jar", reason="r"), replace(MATCH, package=package))
    assert not holds(Rule(path="opt/other.jar", reason="r"), replace(MATCH, package=package))


@pytest.mark.parametrize(
    ("until", "holding"), [(None, True), (date(2026, 3, 1), True), (date(2026, 3, 2), True), (date(2026, 2, 28), False)]
)
def test_a_rule_holds_through_its_last_day(until: date | None, holding: bool) -> None:
    rule = Rule(advisory=MATCH.id, reason=" not\nreached ", until=until)
    kept, left = apply([MATCH], [rule], TODAY)
    assert (len(kept), len(left)) == ((0, 1) if holding else (1, 0))
    assert expired([rule], TODAY) == (() if holding else (rule,))
    if until and holding:
        assert left[0].reason == f"not reached (until {until.isoformat()})"


def test_the_first_rule_that_holds_gives_the_reason() -> None:
    rules = [Rule(package="x", reason="a"), Rule(advisory=MATCH.id, reason="b"), Rule(path="**", reason="c")]
    assert apply([MATCH], rules, TODAY)[1][0].rule == rules[1]


@pytest.mark.parametrize(
    ("advisory", "package", "path", "reason"),
    [
        ("", "", "", "because"),
        ("CVE-1", "", "", ""),
        ("CVE-1", "", "", "  \n"),
        ("C" * 2_000, "", "", "r"),
        ("", "", "*a" * 40, "r"),
    ],
)
def test_a_rule_for_everything_or_for_no_reason_is_refused(advisory: str, package: str, path: str, reason: str) -> None:
    with pytest.raises(MalformedRule):
        Rule(advisory=advisory, package=package, path=path, reason=reason)


@pytest.mark.parametrize(
    ("pattern", "path", "fit"),
    [
        ("a/b", "a/b", True),
        ("/a/b", "a/b", True),
        ("a", "a/b", False),
        ("a/", "a/b/c", True),
        ("a/*", "a/b", True),
        ("a/*", "a/b/c", False),
        ("a/**", "a/b/c", True),
        ("**", "a/b", True),
        ("**/c", "a/b/c", True),
        ("**/c", "c", True),
        ("**/b/**/d", "a/b/c/d", True),
        ("**/b/**/d", "a/b/d", True),
        ("**/b/**/d", "a/d/b", False),
        ("**/b/c", "b/b/c", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("*.jar", "x.jar", True),
        ("A", "a", False),
    ],
)
def test_patterns_fit_paths(pattern: str, path: str, fit: bool) -> None:
    assert fits(pattern, path) is fit


@given(st.text(alphabet="a/*?[]!", max_size=20), st.text(alphabet="a/b", max_size=20))
def test_no_pattern_breaks_it(pattern: str, path: str) -> None:
    assert fits(pattern, path) in (True, False)


def test_a_hostile_path_takes_no_time() -> None:
    assert not fits("**/" * 30 + "*a*a*a*a*a*a*b", "a/" * 2_000 + "a" * 200)


@given(st.permutations([MATCH, replace(MATCH, id="CVE-2026-0002", aliases=(), records=()), replace(MATCH, id="X")]))
def test_what_stays_and_what_is_left_keep_their_order(matches: list[Match]) -> None:
    kept, left = apply(matches, [Rule(advisory="CVE-2026-0002", reason="r")], TODAY)
    assert [match for match in matches if match in kept] == list(kept)
    assert len(kept) + len(left) == len(matches)

"""What is new since an earlier report: neither another version nor another name of the same flaw."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.baseline import Baseline, Said
from rightshift.model.advisory import Match
from rightshift.model.known import Known
from rightshift.model.package import Package, SourcePackage

LODASH = Package(ecosystem="npm", name="lodash", version="4.17.20", locations=("package-lock.json",))
FLAW = Match(
    package=LODASH,
    id="CVE-2021-23337",
    aliases=("GHSA-35jh-r3h4-6jhm",),
    records=("GHSA-35jh-r3h4-6jhm",),
    rule="",
    certain=Known.YES,
)


def known(*matches: Match) -> Baseline:
    return Baseline(Said(match.package, match.id, match.aliases) for match in matches)


def test_the_same_again_is_known_and_anything_is_new_to_nothing() -> None:
    assert known(FLAW).knows(FLAW)
    assert not known().knows(FLAW)


def test_another_version_and_another_place_bring_nothing_new() -> None:
    assert known(FLAW).knows(replace(FLAW, package=replace(LODASH, version="4.17.19", locations=("web/yarn.lock",))))


def test_another_flaw_another_package_and_another_ecosystem_are_new() -> None:
    assert not known(FLAW).knows(replace(FLAW, id="CVE-2020-8203", aliases=()))
    assert not known(FLAW).knows(replace(FLAW, package=replace(LODASH, name="lodash-es")))
    assert not known(FLAW).knows(replace(FLAW, package=replace(LODASH, ecosystem="gem")))


def test_a_flaw_that_got_another_id_is_known() -> None:
    before = replace(FLAW, id="GHSA-35jh-r3h4-6jhm", aliases=())
    assert known(before).knows(FLAW)
    assert known(FLAW).knows(before)


def test_two_flaws_of_one_advisory_are_two() -> None:
    one = replace(FLAW, id="CVE-2024-1", aliases=("DSA-9-1",))
    assert not known(one).knows(replace(FLAW, id="CVE-2024-2", aliases=("DSA-9-1",)))


def test_an_os_package_is_known_by_what_it_was_built_from() -> None:
    old = Package(ecosystem="deb", name="linux-image-6.1.0-18-amd64", source=SourcePackage("linux"))
    new = replace(old, name="linux-image-6.1.0-21-amd64")
    assert known(replace(FLAW, package=old)).knows(replace(FLAW, package=new))


ids = st.sampled_from(["CVE-1", "CVE-2", "GHSA-1", "DSA-1"])
matches = st.builds(
    lambda id, aliases, name: replace(FLAW, id=id, aliases=aliases, package=replace(LODASH, name=name)),
    ids,
    st.lists(ids, max_size=3).map(tuple),
    st.sampled_from(["a", "b"]),
)


@given(st.lists(matches, max_size=5), matches)
def test_a_baseline_knows_its_own_and_more_of_it_knows_no_less(before: list[Match], more: Match) -> None:
    baseline, larger = known(*before), known(*before, more)
    assert all(baseline.knows(match) for match in before)
    assert all(larger.knows(match) for match in (*before, more))


@given(matches, matches)
def test_what_one_knows_of_the_other_the_other_knows_of_it(one: Match, other: Match) -> None:
    assert known(one).knows(other) is known(other).knows(one)

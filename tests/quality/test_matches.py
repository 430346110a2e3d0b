"""Matches of real records against what advisories, people and other tools say: counted, printed, not to get worse."""

import json
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from rightshift.feed import matches as matching
from rightshift.feed.candidates import spoken
from rightshift.feed.lookup import Feed
from rightshift.feed.matches import Line
from rightshift.feed.names import normal, split
from rightshift.model.advisory import Match
from rightshift.model.package import Distro, Package, SourcePackage
from tests.feed.shared_feed import built
from tests.shared import FOLDER

CASES = FOLDER / "feed" / "cases.jsonl"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not CASES.exists(), reason="the data set is not beside this checkout"),
]

PRECISION, RECALL = 0.99, 0.98


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory)


@pytest.fixture
def known(folder: Path) -> Iterator[Feed]:
    with Feed.open(folder) as feed:
        yield feed


Case = dict[str, Any]


def reported(found: list[Match]) -> set[str]:
    return {one for match in found for one in (match.id, *match.aliases, *match.records)}


def judged(known: Feed) -> Iterator[tuple[Case, set[str]]]:
    cases = [json.loads(line) for line in CASES.read_text().splitlines()]
    lines = [Line(case["ecosystem"], case["name"], case["version"]) for case in cases]
    for case, found in zip(cases, matching.match_lines(lines, known), strict=True):
        yield case, reported(found)


def statements(known: Feed, case: Case) -> dict[str, set[str]]:
    """By id: the records of the case's ecosystem, release and package that are about it."""
    base, release = split(case["ecosystem"])
    found: dict[str, set[str]] = defaultdict(set)
    for candidate in spoken(case["ecosystem"], case["name"], case["version"]):
        for statement in known.statements(base, normal(base, candidate.name)):
            if statement.release == release:
                for one in known.reached(statement.record):
                    found[one].add(statement.record)
    return found


def test_what_advisories_say_holds_without_exception(known: Feed) -> None:
    wrong = []
    for case, found in judged(known):
        if case["origin"].startswith("advisory"):
            wrong += [("missed", case["name"], case["version"], one) for one in case["must"] if one not in found]
            wrong += [("invented", case["name"], case["version"], one) for one in case["must_not"] if one in found]
    assert wrong == []


def test_what_another_tool_found_is_found_where_the_records_say_so(known: Feed) -> None:
    """Nine of its findings rest on records that are not here: another release, or another ecosystem alone."""
    missed, without_record = [], 0
    for case, found in judged(known):
        if case["origin"] == "trivy-golden":
            there = statements(known, case)
            for one in case["in_feed"]:
                without_record += one not in there
                if one in there and one not in found:
                    missed.append((case["ecosystem"], case["name"], case["version"], one))
    assert missed == []
    assert without_record == 9


def test_precision_and_recall(known: Feed, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for case, found in judged(known):
        there = statements(known, case) if case["origin"] == "grype-label" else {}
        for one in case["in_feed"] if case["origin"] == "trivy-golden" else case["must"]:
            where = "found" if one in found else "missed"
            if where == "missed" and case["origin"] == "grype-label":
                where = "missed, its record says so" if one in there else "missed, no record of the package"
            counted[case["origin"], where] += 1
        for one in case["must_not"]:
            counted[case["origin"], "invented" if one in found else "left out"] += 1
    strict: Counter[str] = Counter()
    for (origin, what), number in counted.items():
        if origin != "grype-label":
            strict[what] += number
    precision = strict["found"] / (strict["found"] + strict["invented"])
    recall = strict["found"] / (strict["found"] + strict["missed"])
    with capsys.disabled():
        print(f"\nmatches: precision {precision:.4f}, recall {recall:.4f}")
        for (origin, what), number in sorted(counted.items()):
            print(f"  {origin:20} {what:35} {number:5}")
    assert precision >= PRECISION
    assert recall >= RECALL


def test_labels_of_people_are_missed_only_where_the_records_say_otherwise(known: Feed) -> None:
    """Each miss: no record of that package names the id, or its own record does not hold for the version."""
    for case, found in judged(known):
        if case["origin"] != "grype-label":
            continue
        there = statements(known, case)
        for one in case["must"]:
            if one in found or one not in there:
                continue
            line = Line(case["ecosystem"], case["name"], case["version"])
            (again,) = matching.match_lines([line], known)
            holding = {record for match in again for record in match.records}
            assert one in there[one] or not there[one] & holding, "a record of it holds, and it is not named"


@pytest.mark.skipif(which("dpkg-query") is None, reason="this machine has no dpkg")
def test_dpkg_alone_finds_the_same_on_this_machine(known: Feed) -> None:
    shown = "${Package}\t${Version}\t${source:Package}\t${source:Version}\t${db:Status-Status}\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", shown], capture_output=True, text=True, check=True).stdout
    distro = Distro("debian", "12")
    packages = [
        Package(
            ecosystem="deb", name=name, version=version, source=SourcePackage(source, source_version), distro=distro
        )
        for name, version, source, source_version, status in (line.split("\t") for line in listed.splitlines())
        if status == "installed"
    ]
    ours = {
        (package.source.name, package.source.version, record)
        for match in matching.matches(packages, known, date(2026, 8, 1))
        for package, record in [(match.package, record) for record in match.records]
        if package.source is not None
    }
    sources = {(package.source.name, package.source.version) for package in packages if package.source is not None}
    theirs = {(*source, record) for source in sources for record in _by_dpkg(known, *source)}
    assert {one for one in ours if not one[0].startswith("linux-signed")} == theirs
    if not theirs:
        pytest.skip("no advisory of Debian 12 holds on this machine: nothing was compared")


def _by_dpkg(known: Feed, source: str, version: str) -> Iterator[str]:
    for affected in known.affected("Debian:12", [source]).get(source, ()):
        if version in affected.versions or any(_in_range(version, each.events) for each in affected.ranges):
            yield affected.advisory


def _in_range(version: str, events: tuple[tuple[str, str], ...]) -> bool:
    """Debian's ranges here begin at 0 and end once or not at all."""
    assert [event for event in events if event[0] == "introduced"] == [("introduced", "0")]
    ends = [end for kind, end in events if kind == "fixed"]
    return all(_older(version, end) for end in ends)


def _older(left: str, right: str) -> bool:
    return subprocess.run(["dpkg", "--compare-versions", left, "lt", right], check=False).returncode == 0

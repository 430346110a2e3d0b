"""What `--fail-on` understands, and what it refuses."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.cli import gates
from rightshift.errors import UsageError
from rightshift.model.advisory import Epss, Kev, Match
from rightshift.model.known import Known
from rightshift.model.package import Package

PLAIN = Match(
    package=Package(ecosystem="npm", name="a", version="1"),
    id="CVE-2026-1",
    aliases=(),
    records=("CVE-2026-1",),
    rule="",
    certain=Known.YES,
    severity="medium",
    points=20,
)
EXPLOITED = replace(PLAIN, kev=Kev("2026-01-01", ransomware=False), points=42)
UNRATED = replace(PLAIN, severity="unknown")
FIXED = replace(PLAIN, severity="high", fixed=("2",), epss=Epss(0.1))


def met(text: str, match: Match) -> bool:
    return any(gate.matches for gate in gates.judge(gates.parse([text]), [match]))


@pytest.mark.parametrize(
    ("text", "match", "holds"),
    [
        ("kev", EXPLOITED, True),
        ("kev", PLAIN, False),
        ("ransomware", EXPLOITED, False),
        ("not kev", PLAIN, True),
        ("!kev", EXPLOITED, False),
        ("! ! kev", EXPLOITED, True),
        ("score>=42", EXPLOITED, True),
        ("score > 42", EXPLOITED, False),
        ("severity>=high", FIXED, True),
        ("severity>=high", PLAIN, False),
        ("severity<high", PLAIN, True),
        ("severity>=low", UNRATED, False),
        ("severity<=critical", UNRATED, False),
        ("severity!=high", UNRATED, True),
        ("severity=unknown", UNRATED, True),
        ("severity=unknown", PLAIN, False),
        ("severity!=unknown", PLAIN, True),
        ("epss>=0.1", FIXED, True),
        ("epss>=10%", FIXED, True),
        ("epss>=.2", FIXED, False),
        ("epss<0.5", PLAIN, False),
        ("epss!=0.5", PLAIN, True),
        ("fixable+severity=high", FIXED, True),
        ("fixable & kev", FIXED, False),
        ("kev, fixable", FIXED, True),
        ("wontfix", replace(PLAIN, ignored=True), True),
        ("malicious", replace(PLAIN, malicious=True), True),
        ("ecosystem=javascript", PLAIN, True),
        ("ecosystem!=npm", PLAIN, False),
        ("KEV , Severity>=HIGH", FIXED, True),
        ("score>=20", replace(PLAIN, certain=Known.UNKNOWN), True),
    ],
)
def test_conditions(text: str, match: Match, holds: bool) -> None:
    assert met(text, match) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kev,",
        "kev++fixable,",
        "nonsense",
        "score",
        "severity",
        "score>=101",
        "score>=-1",
        "score>=" + "9" * 5_000,
        "severity>=bad",
        "severity>unknown",
        "epss>=2",
        "epss>=101%",
        "epss>=1e400",
        "kev>=1",
        "ecosystem>=npm",
        "kev=yes",
        "kev or fixable",
        ",".join(["kev"] * 101),
        "!" * 100_000 + "kev",
    ],
)
def test_what_it_does_not_understand_is_wrong_use(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        gates.parse([text])
    assert "help gates" in raised.value.do
    assert len(raised.value.what) < 1_000


@given(st.text(max_size=60) | st.text("kevscor>=<!&+, 0129.%", max_size=40))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(UsageError):
        met(text, FIXED)


@given(st.sampled_from(["kev", "fixable", "severity>=high", "epss<0.5", "score>=20", "severity=unknown"]))
def test_a_condition_and_its_opposite_share_nothing_and_leave_nothing_out(text: str) -> None:
    for match in (PLAIN, EXPLOITED, UNRATED, FIXED):
        assert met(text, match) is not met("not " + text, match)


def test_each_part_is_a_gate_and_names_what_meets_it() -> None:
    found = gates.judge(gates.parse(["kev, fixable", "score>=20"]), [EXPLOITED, PLAIN])
    assert [(gate.condition, len(gate.matches)) for gate in found] == [("kev", 1), ("fixable", 0), ("score>=20", 2)]


@pytest.mark.parametrize(("text", "warned"), [("score>=70", True), ("score>53", True), ("score>=53", False)])
def test_a_score_that_no_scan_reaches_is_said(text: str, warned: bool) -> None:
    assert bool(gates.parse([text])[0].warning) is warned


def test_the_page_names_every_condition() -> None:
    for word in (*gates._FACTS, "score", "severity", "epss", "ecosystem"):
        assert word in gates.HELP

"""Vectors of all versions become the same metrics; scores are those of the specifications; the choice ignores order."""

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess import cvss
from rightshift.model.known import Known

LOG4SHELL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"
FOURTH = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
SECOND = "AV:N/AC:L/Au:N/C:C/I:C/A:C"


@pytest.mark.parametrize(
    ("text", "version", "metrics", "scope"),
    [
        (LOG4SHELL, "3.1", "N L N N HHH", Known.YES),
        ("CVSS:3.0/AV:A/AC:H/PR:L/UI:R/S:U/C:L/I:N/A:L", "3.0", "A H L R LNL", Known.NO),
        ("CVSS:3.1/S:U/A:N/I:N/C:H/UI:N/PR:H/AC:L/AV:P/E:F/RL:O", "3.1", "P L H N HNN", Known.NO),
        (FOURTH, "4.0", "N L N N HHH", Known.NO),
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:H/UI:P/VC:L/VI:N/VA:H/SC:N/SI:L/SA:N", "4.0", "L H H R LNH", Known.YES),
        ("CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:A/VC:L/VI:N/VA:H/SC:N/SI:N/SA:N/E:A", "4.0", "L L L R LNH", Known.NO),
        (SECOND, "2.0", "N L N - HHH", Known.UNKNOWN),
        ("(AV:L/AC:M/Au:S/C:P/I:N/A:P)", "2.0", "L L L - LNL", Known.UNKNOWN),
        ("AV:A/AC:H/Au:M/C:N/I:N/A:C", "2.0", "A H H - NNH", Known.UNKNOWN),
    ],
)
def test_every_version_speaks_the_words_of_the_third(text: str, version: str, metrics: str, scope: Known) -> None:
    vector = cvss.parse(text)
    losses = vector.confidentiality + vector.integrity + vector.availability
    found = (vector.attack, vector.complexity, vector.privileges, vector.interaction or "-", losses)
    assert (vector.version, " ".join(found), vector.scope_changed) == (version, metrics, scope)


@pytest.mark.parametrize(
    ("text", "exploit"),
    [
        (LOG4SHELL, None),
        (LOG4SHELL + "/E:F", "weaponised"),
        (LOG4SHELL + "/E:H", "weaponised"),
        (LOG4SHELL + "/E:P", "poc"),
        (LOG4SHELL + "/E:A", None),
        (LOG4SHELL + "/E:U", None),
        (FOURTH + "/E:A", "weaponised"),
        (FOURTH + "/E:P", "poc"),
        (FOURTH + "/E:X", None),
        (FOURTH + "/E:H", None),
    ],
)
def test_a_vector_may_know_an_exploit(text: str, exploit: str | None) -> None:
    assert cvss.parse(text).exploit == exploit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CVSS:3.1/",
        "CVSS:5.0/AV:N",
        LOG4SHELL.replace("/A:H", ""),
        LOG4SHELL + "/A:H",
        LOG4SHELL.replace("AV:N", "AV:X"),
        LOG4SHELL.replace("AV:N", "AV:NA"),
        LOG4SHELL.replace("AV:N", "AV"),
        LOG4SHELL.replace("AV:N", "AV:"),
        LOG4SHELL.lower(),
        SECOND.replace("Au:N/", ""),
        FOURTH.replace("/SA:N", ""),
        LOG4SHELL + "/X:" + "Y" * 600,
        "critical",
    ],
)
def test_what_is_no_vector_is_malformed_and_not_read(text: str) -> None:
    with pytest.raises(cvss.MalformedVector):
        cvss.parse(text)
    assert cvss.read(text) is None


@given(st.text(max_size=80) | st.lists(st.sampled_from(LOG4SHELL.split("/") + FOURTH.split("/"))).map("/".join))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(cvss.MalformedVector):
        cvss.score(cvss.parse(text))


@pytest.mark.parametrize(
    ("text", "score", "severity"),
    [
        (LOG4SHELL, 10.0, "critical"),
        (LOG4SHELL.replace("S:C", "S:U"), 9.8, "critical"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.1, "high"),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8, "high"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "medium"),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", 1.6, "low"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", 0.0, "none"),
        (FOURTH, 9.3, "critical"),
        ("CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 4.8, "medium"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0, "none"),
        (SECOND, 10.0, "high"),
        ("AV:N/AC:L/Au:N/C:N/I:N/A:P", 5.0, "medium"),
        ("AV:L/AC:H/Au:M/C:N/I:N/A:N", 0.0, "none"),
    ],
)
def test_scores_and_words_are_the_published_ones(text: str, score: float, severity: str) -> None:
    vector = cvss.parse(text)
    assert (cvss.score(vector), cvss.severity(vector, "low")) == (score, severity)


def test_every_third_vector_scores_as_another_implementation_has_it() -> None:
    other = pytest.importorskip("cvss")
    values = [("AV", "NALP"), ("AC", "LH"), ("PR", "NLH"), ("UI", "NR"), ("S", "UC"), ("C", "HLN"), ("I", "HLN")]
    for given_values in product(*[values for _, values in values]):
        metrics = "/".join(f"{name}:{value}" for (name, _), value in zip(values, given_values, strict=True))
        text = f"CVSS:3.1/{metrics}/A:L"
        assert cvss.score(cvss.parse(text)) == float(other.CVSS3(text).scores()[0]), text


@pytest.mark.parametrize(
    ("word", "severity"),
    [("CRITICAL", "critical"), ("Important", "high"), ("MODERATE", "medium"), ("negligible", "low"), ("?", "unknown")],
)
def test_a_word_counts_only_without_a_vector(word: str, severity: str) -> None:
    assert cvss.severity(None, word) == severity
    assert cvss.severity(cvss.parse(LOG4SHELL), word) == "critical"


THIRD_OTHER = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
THIRD_OLDER = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.mark.parametrize(
    ("vectors", "matched", "best"),
    [
        ([], (), None),
        ([("A", "nonsense")], (), None),
        ([("A", SECOND), ("B", FOURTH), ("C", LOG4SHELL)], (), LOG4SHELL),
        ([("A", SECOND), ("B", FOURTH)], (), FOURTH),
        ([("A", SECOND), ("B", LOG4SHELL.replace("/A:H", ""))], (), SECOND),
        ([("B", LOG4SHELL), ("A", THIRD_OTHER)], (), THIRD_OTHER),
        ([("B", LOG4SHELL), ("A", THIRD_OTHER)], ("B",), LOG4SHELL),
        ([("A", FOURTH), ("B", LOG4SHELL)], ("A",), LOG4SHELL),
        ([("A", THIRD_OLDER), ("A", THIRD_OTHER)], ("A",), THIRD_OTHER),
        ([("A", THIRD_OLDER), ("B", LOG4SHELL)], ("B",), LOG4SHELL),
    ],
)
def test_the_third_version_goes_before_the_fourth_and_the_matched_record_before_others(
    vectors: list[tuple[str, str]], matched: tuple[str, ...], best: str | None
) -> None:
    for order in (vectors, vectors[::-1]):
        found = cvss.best(order, matched)
        assert (found.text if found else None) == best

"""What people write for the versions that they mean, and which versions that are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.versions.asked import Asked, Unasked, asked, within
from rightshift.versions.schemes import scheme


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", Asked()),
        (" 2.14 ", Asked(below="2.14")),
        ("2.14*", Asked(begins="2.14")),
        ("*", Asked()),
        ("=2.14", Asked(exactly="2.14")),
        ("== 2.14", Asked(exactly="2.14")),
        ("<2.17", Asked(bounds=(("<", "2.17"),))),
        (">= 2.14, <2.17", Asked(bounds=((">=", "2.14"), ("<", "2.17")))),
        ("1:2.3-4~deb12u1", Asked(below="1:2.3-4~deb12u1")),
    ],
)
def test_what_is_meant(text: str, meant: Asked) -> None:
    assert asked(text) == meant


@pytest.mark.parametrize("text", ["<", ">=2.14,", "<2.17,2", "=1=2", "<1 2", ",".join(["<1"] * 20)])
def test_what_asks_for_nothing_says_so(text: str) -> None:
    with pytest.raises(Unasked, match="no bound"):
        asked(text)


@pytest.mark.parametrize(
    ("ecosystem", "text", "inside", "outside"),
    [
        ("maven", "<2.17", ["2.0-beta9", "2.14.1", "2.17-rc1", "1.2"], ["2.17", "2.17.0", "2.17.1", "2.100"]),
        ("maven", ">=2.14,<2.15", ["2.14", "2.14.1"], ["2.13.9", "2.15.0", "2.3"]),
        ("deb", "<=3.0.11-1", ["3.0.11-1", "3.0.11-1~deb12u2", "3.0.2"], ["3.0.11-1.1", "1:1.0"]),
        ("npm", ">1.2.5", ["1.2.6", "1.10.0"], ["1.2.5", "1.2.5-rc.1"]),
        ("pypi", ">=1,=1.0", ["1", "1.0.0"], ["1.0.1"]),
    ],
)
def test_versions_are_compared_as_their_ecosystem_does(
    ecosystem: str, text: str, inside: list[str], outside: list[str]
) -> None:
    bounds, order = asked(text).bounds, scheme(ecosystem)
    assert [one for one in inside if not within(one, bounds, order)] == []
    assert [one for one in outside if within(one, bounds, order)] == []


def test_what_can_not_be_compared_is_not_left_out() -> None:
    bounds = asked("<2.17").bounds
    assert within("no version at all", bounds, scheme("npm"))
    assert within("2.99", asked("<???").bounds, scheme("npm"))
    assert within("2.99", bounds, None)


@given(st.text(max_size=40))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        found = asked(text)
    except Unasked:
        return
    assert sum(map(bool, (found.exactly, found.begins, found.below, found.bounds))) <= 1

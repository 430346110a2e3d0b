"""The table fits its screen, colours only where asked, and says what it all adds up to."""

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from rightshift import escape
from rightshift.documents import scan
from rightshift.model.inventory import Inventory, Subject
from rightshift.model.known import Known
from rightshift.model.package import Package
from rightshift.report import table
from rightshift.report.format import Screen
from rightshift.report.result import EndOfLife, Result
from tests.report.sample import HOSTILE, MATCHES, ORDINARY

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(result: Result, screen: Screen) -> list[str]:
    out = io.BytesIO()
    table.show(result, out, screen)
    return out.getvalue().decode().splitlines()


def rows(lines: list[str]) -> list[str]:
    return lines[: lines.index("")]


@pytest.mark.parametrize("columns", [80, 100, 120, 160, 250])
@pytest.mark.parametrize("result", [ORDINARY, HOSTILE], ids=["ordinary", "hostile"])
def test_no_row_is_wider_than_the_screen(result: Result, columns: int) -> None:
    for line in rows(shown(result, Screen(columns, colour=True))):
        assert table.width(COLOUR.sub("", line)) <= columns


def test_a_narrow_screen_keeps_what_decides() -> None:
    head, first, *_ = rows(shown(ORDINARY, Screen(80)))
    assert all(word in head for word in ("SCORE", "ADVISORY", "PACKAGE", "INSTALLED", "FIXED"))
    assert "47 Plan" in first
    assert "CVE-2021-44228" in first
    assert "2.15.0" in first


def test_a_narrow_screen_shows_the_ends_of_versions_and_no_column_without_content() -> None:
    package = replace(MATCHES[3].package, version="2.5.0-1+deb12u2~really2.4.8-3")
    match = replace(MATCHES[3], package=package, ignored=False, fixed=("2.5.0-1+deb12u4",))
    head, row = rows(shown(replace(ORDINARY, matches=(match,), gates=()), Screen(80)))
    assert "MARKS" not in head
    *_, installed, fixed = row.split()
    assert installed.endswith(".8-3")
    assert fixed.endswith("u4")


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_squeezed_text_has_exactly_its_width(text: str, columns: int) -> None:
    assert table.width(table.squeezed(escape.terminal(text), columns)) == columns


def test_the_end_of_life_is_said_and_unknown_is_said_to_be_so() -> None:
    assert "Debian GNU/Linux 12 gets security fixes until 2028-06-30" in shown(ORDINARY, Screen())
    assert any(line.endswith(": its end of life is unknown") for line in shown(HOSTILE, Screen()))
    over = EndOfLife(system="Debian GNU/Linux 10 (buster)", last_day="2024-06-30", over=Known.YES)
    said = "Debian GNU/Linux 10 (buster) reached its end of life on 2024-06-30: there are no security fixes any more"
    assert said in shown(replace(ORDINARY, end_of_life=over), Screen())


def test_one_is_no_plural() -> None:
    assert ORDINARY.feed
    document = structs.replace(ORDINARY.document, packages=ORDINARY.document.packages[:1])
    feed = replace(ORDINARY.feed, packages=1, covers=1, unversioned=1)
    one = replace(ORDINARY, document=document, feed=feed, matches=MATCHES[:1], suppressed=ORDINARY.suppressed[:1])
    lines = shown(one, Screen())
    assert any(line.startswith("1 match in 1 of 1 package: 1 critical;") for line in lines)
    assert "1 match is suppressed by ignore files or VEX" in lines
    assert "1 package has no version that could be compared" in lines
    assert "No match in 1 package" in shown(replace(one, matches=()), Screen())


def test_run_time_is_said_to_be_unknown() -> None:
    lines = shown(ORDINARY, Screen())
    assert all("unknown" in line for line in rows(lines)[1:])
    assert any("Run time is unknown" in line for line in lines)


def test_without_colour_there_is_no_escape() -> None:
    assert "\x1b" not in "".join(shown(HOSTILE, Screen(120)))


def test_with_colour_there_is_nothing_but_our_own_escapes() -> None:
    coloured = "\n".join(shown(HOSTILE, Screen(120, colour=True)))
    assert COLOUR.search(coloured)
    assert "\x1b" not in COLOUR.sub("", coloured)


def test_the_starter_feed_says_what_it_covers() -> None:
    assert ORDINARY.feed
    said = "Starter feed: covers 4 of your 5 packages; run `rightshift feed update`"
    assert said in shown(ORDINARY, Screen())
    full = replace(ORDINARY, feed=replace(ORDINARY.feed, kind="full"))
    assert said not in shown(full, Screen())


def test_a_failing_line_has_package_layer_fix_and_reason() -> None:
    lines = shown(ORDINARY, Screen())
    at = lines.index("Gate FAILED: kev")
    assert lines[at + 1].split(": ") == [
        "  CVE-2021-44228 in org.apache.logging.log4j:log4j-core 2.14.1, layer 1, fixed in 2.15.0",
        "known ransomware use",
    ]
    assert "Gate passed: severity>=high & fixable" in lines


def test_the_same_flaw_in_many_places_is_one_row() -> None:
    many = tuple(
        replace(MATCHES[0], package=replace(MATCHES[0].package, locations=(f"app/{at}.jar",))) for at in range(50)
    )
    head, row = rows(shown(replace(ORDINARY, matches=many, gates=()), Screen()))
    assert "app/0.jar +49" in row
    assert "WHERE" in head


@given(st.text(alphabet="ab漢字é…  ", max_size=40), st.integers(1, 30))
def test_a_cut_text_has_exactly_its_width(text: str, columns: int) -> None:
    assert table.width(table.cut(text, columns)) == columns


def test_a_version_that_nobody_knows_is_said_to_be_unknown() -> None:
    package = Package(ecosystem="golang", name="example.org/tool", version="", locations=("bin/tool",))
    document = scan.of(
        Subject(kind="directory", name="shop"),
        Inventory(packages=(package,)),
        created="2026-01-05T08:00:00Z",
        id="0" * 32,
        catalogue="",
    )
    out = io.BytesIO()
    table.write(Result(document=document), out)
    assert b"example.org/tool  unknown  golang" in out.getvalue()

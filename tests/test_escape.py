"""What foreign text becomes for each target, and the laws that hold for every text."""

import csv
import html as stdlib_html
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift import escape

texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
"""Any text that Python can hold, half characters included."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("libc6", "libc6"),
        ("zażółć 漢字", "zażółć 漢字"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("abc\u202egnp", r"abc\u202egnp"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("hangul\u3164filler", r"hangul\u3164filler"),
        ("name\udcff", r"name\xff"),
        ("\ud800", r"\ud800"),
        ("tag\U000e0041", r"tag\U000e0041"),
    ],
)
def test_what_acts_or_hides_is_a_visible_mark_on_a_terminal(text: str, shown: str) -> None:
    assert escape.terminal(text) == shown


@given(texts)
def test_nothing_on_a_terminal_is_unprintable_and_twice_is_once(text: str) -> None:
    shown = escape.terminal(text)
    assert shown.isprintable()
    assert escape.terminal(shown) == shown
    shown.encode()


@given(texts, st.integers(0, 30))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    shown = escape.line(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()


def test_a_line_that_was_cut_says_so() -> None:
    assert escape.line("a  b\n c", 10) == "a b c"
    assert escape.line("abcdefgh", 5) == "abcd…"


def test_a_very_long_text_is_not_looked_at_whole() -> None:
    assert escape.line("x" * 10_000_000, 8) == "xxxxxxx…"


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "  =1",
        "'=1",
        "@angular/core",
    ],
)
def test_a_cell_never_begins_like_a_formula(text: str) -> None:
    assert escape.csv_cell(text).startswith("'")


@given(texts)
def test_a_cell_comes_back_as_one_cell_and_begins_harmlessly(text: str) -> None:
    cell = escape.csv_cell(text)
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([cell, "next"])
    assert list(csv.reader(io.StringIO(out.getvalue()))) == [[cell, "next"]]
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


@given(texts)
def test_markdown_is_one_code_span_that_nothing_inside_can_end(text: str) -> None:
    cell = escape.markdown(text)
    if cell == " ":
        return
    fence = re.match("`+", cell)
    assert fence
    inside = cell[len(fence[0]) : -len(fence[0])]
    assert cell.endswith(fence[0])
    assert len(fence[0]) not in map(len, re.findall("`+", inside))
    assert not re.search(r"(?<!\\)\|", inside)
    assert "\n" not in cell


@given(texts)
def test_markdown_is_rendered_as_the_text_that_a_terminal_shows(text: str) -> None:
    renderer = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False}).render
    page = renderer(f"| a | b |\n| - | - |\n| {escape.markdown(text)} | after |\n")
    cell, after = re.findall("<td>(.*?)</td>", page)
    shown = escape.terminal(text)
    inside = re.fullmatch("<code>(.*)</code>", cell)
    assert after == "after"
    assert stdlib_html.unescape(inside[1]).strip() == shown.strip() if inside else not shown.strip()


@given(texts)
def test_html_has_no_markup_and_gives_back_what_a_terminal_shows(text: str) -> None:
    safe = escape.html(text)
    assert not set(safe) & set("<>\"'")
    assert stdlib_html.unescape(safe) == escape.terminal(text)

"""Lists fit the screen, show nothing that acts on it, and queries stand in addresses as the API reads them."""

import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from rightshift.cli.console import lists
from rightshift.cli.streams import Streams
from rightshift.report.format import Screen


class Asked(Struct, frozen=True, kw_only=True):
    kind: tuple[str, ...] | None = None
    gone: bool | None = None
    least: float | None = None


class Shown(Streams):
    """Streams on a screen so many columns wide."""

    columns = 0

    def screen(self) -> Screen | None:
        return Screen(self.columns, colour=False) if self.columns else None


def shown(rows: list[list[str]], columns: int) -> list[str]:
    raw = io.BytesIO()
    out = Shown(io.TextIOWrapper(raw), None, {})
    out.columns = columns
    lists.table(["ONE", "TWO", "THREE"], rows, out)
    return raw.getvalue().decode().splitlines()


def test_a_query_leaves_out_what_is_not_asked() -> None:
    assert lists.query(Asked()) == []
    asked = Asked(kind=("a", "b"), gone=False, least=0.5)
    assert lists.query(asked) == [("kind", "a"), ("kind", "b"), ("gone", "false"), ("least", "0.5")]


def test_columns_in_which_nothing_stands_are_left_out() -> None:
    assert shown([["a", "", "c"], ["dd", "", ""]], 0) == ["ONE  THREE", "a    c", "dd"]
    assert shown([], 80) == []


@pytest.mark.parametrize("columns", [40, 60])
def test_wide_columns_give_way(columns: int) -> None:
    lines = shown([["a" * 70, "b" * 10, "c" * 30]], columns)
    assert max(map(len, lines)) <= columns
    assert "…" in lines[1]
    assert "b" * 10 in lines[1] or columns == 40


HEADS = ["SCORE", "ADVISORY", "SEVERITY", "MARKS", "PACKAGE", "VERSION", "FIXED", "WHERE", "ASSETS", "ID", "CREATED"]


@given(st.lists(st.sampled_from(HEADS), min_size=1, unique=True), st.data(), st.integers(1, 200))
def test_what_can_be_read_comes_first_on_a_narrow_screen(heads: list[str], data: st.DataObject, columns: int) -> None:
    widths = {at: data.draw(st.integers(len(name), 80)) for at, name in enumerate(heads)}
    found = lists.fit(heads, widths, columns)
    assert found
    assert all(found[at] == widths[at] for at in found if heads[at] in lists.WHOLE)
    assert all(found[at] >= min(widths[at], lists.LEAST_COLUMNS) for at in found)
    gone = widths.keys() - found.keys()
    assert all(heads[at] in lists.FIRST_TO_GO for at in gone)
    if sum(widths.values()) + 2 * (len(widths) - 1) <= columns:
        assert found == widths


def test_an_id_is_whole_on_sixty_columns() -> None:
    out = Shown(io.TextIOWrapper(raw := io.BytesIO()), None, {})
    out.columns = 60
    id = "3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10"
    lists.table(
        ["STATE", "JOB", "CREATED", "WHAT", "ID"], [["done", "scan_source", "2026-01-01 00:00", "x" * 50, id]], out
    )
    lines = raw.getvalue().decode().splitlines()
    assert lines == ["STATE  JOB          ID", f"done   scan_source  {id}"]


@given(st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), max_size=4), st.integers(0, 200))
def test_no_text_acts_on_a_screen(rows: list[list[str]], columns: int) -> None:
    lines = shown(rows, columns)
    assert all(line.isprintable() for line in lines)
    assert len(lines) == (len(rows) + 1 if rows else 0)


def test_a_long_list_comes_in_blocks_below_one_head() -> None:
    raw = io.BytesIO()
    long = lists.Table(["ONE", "TWO"], Streams(io.TextIOWrapper(raw), None, {}))
    long.add([["a", ""]] * 3)
    assert raw.getvalue().decode().splitlines() == ["ONE", *"aaa"], "what is there is shown at once"
    long.add([["bb", ""]])
    assert raw.getvalue().decode().splitlines()[-1] == "bb"
    long.add([["c", "d"]])
    assert raw.getvalue().decode().splitlines()[-2:] == ["ONE  TWO", "c    d"], "a column that was left out has a head"


def test_json_is_written_as_items_come_and_is_one_value_in_the_end() -> None:
    raw = io.BytesIO()
    out = Streams(io.TextIOWrapper(raw), None, {})
    seen = []

    def items() -> Iterator[Raw]:
        for number in range(3):
            seen.append(raw.getvalue())
            yield Raw(b'{"n":%d,"t":"\\u202e"}' % number)

    assert lists.show(items(), dict, (), out, as_json=True) == 3
    assert seen[2].endswith(b'{"n":1,"t":"\\u202e"}')
    assert [one["n"] for one in json.loads(raw.getvalue())["items"]] == [0, 1, 2]
    assert lists.show([], dict, (), out, as_json=True) == 0
    assert raw.getvalue().splitlines()[-1] == b'{"items":[]}'

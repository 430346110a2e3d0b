"""Cells for spreadsheets: all quoted, none a formula, a line for each row."""

import csv as stdlib
import io

from rightshift.report import csv
from rightshift.report.result import Result
from tests.report.sample import HOSTILE, ORDINARY


def cells(result: Result) -> list[list[str]]:
    out = io.BytesIO()
    csv.write(result, out)
    return list(stdlib.reader(io.StringIO(out.getvalue().decode(), newline="")))


def test_each_line_has_a_cell_for_each_column() -> None:
    for result, lines in ((ORDINARY, 3), (HOSTILE, 10)):
        head, *body = cells(result)
        assert tuple(head) == csv.HEAD
        assert len(body) == lines
        assert {len(line) for line in body} == {len(head)}


def test_the_best_is_first_with_all_its_places() -> None:
    row = dict(zip(*cells(ORDINARY)[:2], strict=True))
    assert row["score"] == "47"
    assert row["kev"] == "2021-12-10"
    assert row["ransomware"] == "yes"
    assert row["places"] == "app/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar; opt/agent.jar"


def test_no_cell_begins_like_a_formula() -> None:
    for line in cells(HOSTILE):
        assert not [cell for cell in line if cell.startswith(tuple("=+-@\t\r\n"))]

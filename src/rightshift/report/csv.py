"""CSV for spreadsheets: one line for each advisory in each package version. Cells never begin like a formula."""

import csv
import io
from collections.abc import Iterable

from rightshift import escape
from rightshift.assess.rank import band, score
from rightshift.report.format import Format, Out
from rightshift.report.result import Result, Row

HEAD = (
    "score", "band", "id", "aliases", "severity", "kev", "ransomware", "epss", "package", "installed", "fixed",
    "ecosystem", "purl", "layers", "places", "run time", "vector", "published", "summary", "new",
)  # fmt: skip

PLACES = 100
"""Paths in one cell at most."""

CELL_CHARS = 32_767
"""What a spreadsheet keeps of a cell. Source: Excel specifications and limits."""


def write(result: Result, out: Out) -> None:
    """RFC 4180 in UTF-8, every cell quoted, best first. Programs, which don't want `'` before `@scope`, take JSON."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for cells in (HEAD, *map(_cells, result.rows)):
        writer.writerow([escape.csv_cell(cell)[:CELL_CHARS] for cell in cells])
        out.write(buffer.getvalue().encode())
        buffer.seek(0)
        buffer.truncate()


def _cells(row: Row) -> Iterable[str]:
    match, package = row.match, row.match.package
    yield str(score(match.points))
    yield band(match.points)
    yield match.id
    yield " ".join(match.aliases)
    yield match.severity
    yield match.kev.added if match.kev else ""
    yield "yes" if match.kev and match.kev.ransomware else ""
    yield f"{match.epss.probability:.5f}" if match.epss else ""
    yield package.name
    yield package.version
    yield " ".join(match.fixed)
    yield package.ecosystem
    yield package.purl
    yield " ".join(map(str, row.layers))
    yield "; ".join(row.places[:PLACES]) + (
        f"; and {len(row.places) - PLACES} more" if len(row.places) > PLACES else ""
    )
    yield "unknown"
    yield match.vector
    yield match.published
    yield match.summary
    yield "yes" if row.is_new else ""


FORMAT = Format(title="CSV for spreadsheets, formulas made harmless", write=write)

"""Markdown for the summary of a CI job: the best first, never larger than what such a page takes."""

from collections.abc import Iterator

from rightshift import escape
from rightshift.assess.rank import score
from rightshift.model.known import Known
from rightshift.report.format import Format, Out
from rightshift.report.result import Result, Row, counted, counts, lost, marks

LIMIT_BYTES = 60_000
"""A comment takes 64 KB and a larger one is refused whole; a job's summary takes 1,024 KiB."""

CELL_CHARS = 160
GAPS = 5


def write(result: Result, out: Out) -> None:
    """Verdict, counts, one table, gaps. What does not fit is counted."""
    head = "\n".join(_head(result)) + "\n"
    out.write(head.encode())
    found = list(result.rows)
    tail = "\n".join(_tail(result)) + "\n"
    left = LIMIT_BYTES - len(head.encode()) - len(tail.encode()) - 200
    if found:
        out.write(b"\n| score | advisory | severity | marks | package | installed | fixed | where |\n")
        out.write(b"| ---: | --- | --- | --- | --- | --- | --- | --- |\n")
    for at, row in enumerate(found):
        content = (_line(row) + "\n").encode()
        if (left := left - len(content)) < 0:
            out.write(f"\n{len(found) - at:,} more are not shown here.\n".encode())
            break
        out.write(content)
    out.write(tail.encode())


def _head(result: Result) -> Iterator[str]:
    document = result.document
    yield f"### rightshift: {_cell(document.subject.name)}"
    yield ""
    for gate in result.gates:
        verdict = "failed" if gate.matches else "passed"
        yield f"- **{verdict}**: {_cell(gate.condition)} ({counted(len(gate.matches), 'match', 'matches')})"
    yield ""
    if not result.feed:
        yield f"{counted(len(document.packages), 'package')}; nothing was matched."
        return
    found = ", ".join(f"{number:,} {severity}" for severity, number in counts(result.matches).items())
    fixable = sum(bool(match.fixed) for match in result.matches)
    matches = counted(len(result.matches), "match", "matches")
    yield f"{matches} in {counted(len(document.packages), 'package')}{f' ({found})' if found else ''};"
    yield f"{fixable:,} with a fix, {len(result.suppressed):,} suppressed. Run time is unknown to a scan."
    yield ""
    if result.compared_line:
        yield f"- {_cell(result.compared_line)}"
    if (life := result.end_of_life) and life.over is Known.YES:
        yield f"- **End of life**: {_cell(life.said)}"
    elif life:
        yield f"- {_cell(life.said)}"
    for limit in result.feed.limits:
        yield f"- {_cell(limit)}"


def _line(row: Row) -> str:
    match, package = row.match, row.match.package
    place = row.places[0] if row.places else ""
    more = f" +{len(row.places) - 1}" if len(row.places) > 1 else ""
    layers = f" layer {', '.join(map(str, row.layers[:3]))}" if row.layers else ""
    cells = (
        str(score(match.points)),
        _cell(match.id),
        match.severity if match.severity.isalpha() else _cell(match.severity),
        ", ".join(marks(row)) or " ",
        _cell(package.name),
        _cell(package.version or "unknown"),
        _cell(", ".join(match.fixed[:3])) if match.fixed else "none known",
        _cell(place) + more + layers,
    )
    return "| " + " | ".join(cells) + " |"


def _tail(result: Result) -> Iterator[str]:
    gaps = result.document.gaps
    if gaps:
        yield ""
        yield lost(result.document) + "."
        for gap in gaps[:GAPS]:
            yield f"- {_cell(gap.path or 'the whole')}: {_cell(gap.reason)}"


def _cell(text: str) -> str:
    return escape.markdown(escape.line(text, CELL_CHARS))


FORMAT = Format(title="Markdown for the summary of a CI job, at most 60 kB", write=write)

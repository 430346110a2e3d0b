"""The table that people read: best first, as wide as the screen, then what it adds up to. For CI: `markdown.py`."""

import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence

from rightshift import escape
from rightshift.assess.rank import band, score
from rightshift.documents.scan import Package
from rightshift.report.format import Format, Out, Screen
from rightshift.report.result import Result, Row, counted, counts, lost, marks

HEAD = ("SCORE", "ADVISORY", "SEVERITY", "MARKS", "PACKAGE", "INSTALLED", "FIXED", "RUN TIME", "WHERE")
NARROWED = (
    ("WHERE", 40),
    ("FIXED", 20),
    ("INSTALLED", 20),
    ("MARKS", 24),
    ("PACKAGE", 28),
    ("WHERE", 24),
    ("FIXED", 16),
    ("INSTALLED", 16),
    ("PACKAGE", 24),
    ("WHERE", 16),
    ("MARKS", 12),
    ("WHERE", 0),
    ("PACKAGE", 16),
    ("ADVISORY", 19),
    ("FIXED", 12),
    ("INSTALLED", 12),
    ("MARKS", 4),
    ("PACKAGE", 11),
    ("SEVERITY", 0),
    ("FIXED", 7),
    ("INSTALLED", 9),
    ("PACKAGE", 10),
    ("MARKS", 0),
)
"""Which columns give way first when the screen is narrow, and how far; at 0 they go."""

GAP = "  "
CELL_CHARS = 60
GAPS = 5
GATE_LINES = 20

_COLOUR = {"Fix now": "1;31", "Fix soon": "31", "Plan": "33", "Routine": "2"}


def write(result: Result, out: Out) -> None:
    """The table without colour, as wide as its cells are."""
    show(result, out, Screen())


def show(result: Result, out: Out, screen: Screen) -> None:
    """The table for a screen. All text of others is escaped; a cell that is cut ends with `…`."""
    if result.feed:
        lines = [(_cells(row), _COLOUR[band(row.match.points)] if screen.colour else "") for row in result.rows]
        _table(HEAD, lines, out, screen)
    else:
        _table(
            ("PACKAGE", "VERSION", "ECOSYSTEM", "STATE", "WHERE"),
            [(_package(one), "") for one in result.document.packages],
            out,
            screen,
        )
    for line in _summary(result):
        out.write(line.encode() + b"\n")


def width(text: str) -> int:
    """Columns that printable text takes on a screen."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def cut(text: str, columns: int) -> str:
    """The text padded or cut to exactly so many columns, at least one."""
    if (taken := width(text)) <= columns:
        return text + " " * (columns - taken)
    kept = ""
    for one in text:
        if width(kept + one) > columns - 1:
            break
        kept += one
    return kept + "…" + " " * (columns - 1 - width(kept))


def squeezed(text: str, columns: int) -> str:
    """As `cut`, but the middle gives way: names, versions and paths of one kind differ at their ends."""
    if len(text) <= columns or columns < 3 or not text.isascii():
        return cut(text, columns)
    end = columns // 2
    return f"{text[: columns - 1 - end]}…{text[-end:]}"


def _table(head: Sequence[str], lines: Sequence[tuple[Sequence[str], str]], out: Out, screen: Screen) -> None:
    if not lines:
        return
    widths = [max(map(width, column)) for column in zip(head, *(cells for cells, _ in lines), strict=True)]
    filled = {name for at, name in enumerate(head) if any(cells[at] for cells, _ in lines)}
    shown = _fit(head, widths, screen.columns, filled)
    for cells, colour in ((head, "1" if screen.colour else ""), *lines):
        text = GAP.join(_cell(head[at], cells[at], columns) for at, columns in shown).rstrip()
        out.write((f"\x1b[{colour}m{text}\x1b[0m" if colour else text).encode() + b"\n")
    out.write(b"\n")


def _cell(name: str, text: str, columns: int) -> str:
    """Marks stand in the order of their weight; of all else the end tells as much as the beginning."""
    return cut(text, columns) if name == "MARKS" else squeezed(text, columns)


def _fit(head: Sequence[str], widths: Sequence[int], columns: int, filled: Container[str]) -> list[tuple[int, int]]:
    """Which columns are shown, and how wide: all of them when `columns` is 0, else those in which something stands."""
    kept = dict(zip(head, widths, strict=True))
    if columns:
        kept = {name: width for name, width in kept.items() if name in filled}
        excess = _total(kept.values()) - columns
        if excess > 0 and kept.pop("RUN TIME", 0):
            excess = _total(kept.values()) - columns
        for name, least in NARROWED:
            if excess > 0 and least and name in kept:
                narrower = min(kept[name], max(least, kept[name] - excess))
                excess -= kept[name] - narrower
                kept[name] = narrower
            elif excess > 0:
                excess -= kept.pop(name, -len(GAP)) + len(GAP)
    return [(at, kept[name]) for at, name in enumerate(head) if name in kept]


def _total(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + len(GAP) * (len(each) - 1)


def _cells(row: Row) -> tuple[str, ...]:
    match, package = row.match, row.match.package
    return (
        f"{score(match.points):>3} {band(match.points)}",
        _text(match.id),
        _text(match.severity),
        ", ".join(marks(row)),
        _text(package.name),
        _text(package.version) or "unknown",
        _text(" or ".join(match.fixed[:3])) or "none known",
        "unknown",
        _where(row.places, row.layers),
    )


def _where(places: Sequence[str], layers: Sequence[int]) -> str:
    more = f" +{len(places) - 1}" if len(places) > 1 else ""
    layer = f"layer {', '.join(map(str, layers[:3]))}: " if layers else ""
    return layer + (_text(places[0], 200) if places else "") + more


def _package(one: Package) -> tuple[str, ...]:
    where = _where(one.locations, () if one.layer is None else (one.layer,))
    return _text(one.name), _text(one.version) or "unknown", _text(one.ecosystem), one.state, where


def _summary(result: Result) -> Iterator[str]:
    document, feed = result.document, result.feed
    if feed:
        hit = len({match.package for match in result.matches})
        found = ", ".join(f"{number:,} {severity}" for severity, number in counts(result.matches).items())
        exploited = sum(bool(match.kev) for match in result.matches)
        fixable = sum(bool(match.fixed) for match in result.matches)
        packages = counted(len(document.packages), "package")
        if found:
            matches = f"{counted(len(result.matches), 'match', 'matches')} in {hit:,} of {packages}"
            yield f"{matches}: {found}; {exploited:,} known to be exploited, {fixable:,} with a fix"
        else:
            yield f"No match in {packages}"
        if result.compared_line:
            yield _text(result.compared_line, 300)
        if result.end_of_life:
            yield _text(result.end_of_life.said, 200)
        yield "Run time is unknown to a scan: reach and use add no points yet"
        yield from (_text(limit, 200) for limit in feed.limits)
    else:
        yield f"{counted(len(document.packages), 'package')}; nothing was matched"
    if result.suppressed:
        are = "is" if len(result.suppressed) == 1 else "are"
        yield f"{counted(len(result.suppressed), 'match', 'matches')} {are} suppressed by ignore files or VEX"
    if gaps := document.gaps:
        yield lost(document)
        for gap in gaps[:GAPS]:
            yield f"  {_text(gap.path, 200) or 'the whole'}: {_text(gap.reason, 200)}"
        if len(gaps) > GAPS:
            yield f"  and {len(gaps) - GAPS:,} more"
    for gate in result.gates:
        yield f"Gate {'FAILED' if gate.matches else 'passed'}: {_text(gate.condition)}"
        failing = list(result.rows_of(gate.matches))
        yield from map(_failing, failing[:GATE_LINES])
        if len(failing) > GATE_LINES:
            yield f"  and {len(failing) - GATE_LINES:,} more"


def _failing(row: Row) -> str:
    match, package = row.match, row.match.package
    layers = f", layer {', '.join(map(str, row.layers[:3]))}" if row.layers else ""
    fix = f"fixed in {_text(' or '.join(match.fixed[:3]))}" if match.fixed else "no fix known"
    because = max(match.evidence, key=lambda part: part.points, default=None)
    reason = f": {_text(because.because, 200)}" if because else ""
    return f"  {_text(match.id)} in {_text(package.name)} {_text(package.version)}{layers}, {fix}{reason}"


def _text(text: str, limit: int = CELL_CHARS) -> str:
    return escape.line(text, limit)


FORMAT = Format(title="a table for people, best first", write=write, show=show, several=True)

"""SARIF 2.1.0 for code scanning pages, within GitHub's limits. Suppressed matches are left out: it would open them."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Literal
from urllib.parse import quote

from msgspec import UNSET, Struct, UnsetType

from rightshift import escape
from rightshift.assess.rank import band, score
from rightshift.documents import text
from rightshift.model.advisory import Match
from rightshift.model.known import Known
from rightshift.report.format import Format, Out
from rightshift.report.result import Result, Row, address, base_score, marks

RESULTS = 5_000
"""More are taken up to 25,000 but not kept; the best are first. Source: GitHub, "SARIF support for code scanning"."""

PLACES = 100
"""Locations of one result that are shown; 1,000 are refused."""

LINE_CHARS = 1_000

SECURITY_SEVERITY = {"critical": 9.5, "high": 8.0, "medium": 5.5, "low": 2.5, "none": 0.1}
"""The middle of each CVSS range, where a word is all that is known."""

UNKNOWN_SEVERITY = 5.0
"""Unknown is neither low nor high."""

LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "none": "note"}


class Message(Struct, frozen=True):
    """Plain text: placeholders and links of the format are escaped."""

    text: str


class RuleProperties(Struct, frozen=True, rename={"security_severity": "security-severity"}):
    """What GitHub sorts and filters by. The severity is a number in a string."""

    security_severity: str
    tags: tuple[str, ...]
    precision: str = "high"


class Rule(Struct, frozen=True, rename="camel"):
    """An advisory."""

    id: str
    name: str
    short_description: Message
    full_description: Message
    help: Message
    help_uri: str
    properties: RuleProperties


class Artifact(Struct, frozen=True, rename="camel"):
    """A path below the root of what was scanned, percent-encoded."""

    uri: str
    uri_base_id: str = "%SRCROOT%"


class Region(Struct, frozen=True, rename="camel"):
    """The first line: a reader knows which file names a package, not where in it."""

    start_line: int = 1


class Physical(Struct, frozen=True, rename="camel"):
    """A place in a file."""

    artifact_location: Artifact
    region: Region = Region()


class Location(Struct, frozen=True, rename="camel"):
    """Where the package lies."""

    physical_location: Physical


class ResultProperties(Struct, frozen=True, rename="camel"):
    """What the format has no word for."""

    points: int
    band: str
    purl: str
    fixed: tuple[str, ...]
    run_time: str = "unknown"


class Found(Struct, frozen=True, rename="camel"):
    """One advisory in one package version."""

    rule_id: str
    rule_index: int
    level: str
    message: Message
    locations: tuple[Location, ...]
    partial_fingerprints: dict[str, str]
    properties: ResultProperties
    baseline_state: Literal["new", "unchanged"] | UnsetType = UNSET
    """Since the earlier report; all results have it or none. Source: SARIF 2.1.0, "baselineState property"."""


class Notice(Struct, frozen=True):
    """Something about the run itself."""

    level: str
    message: Message


def write(result: Result, out: Out) -> None:
    """One run; the best results first, and a notice for those that are over the limit."""
    found = list(result.rows)
    kept = found[:RESULTS]
    rules = _rules([row.match for row in kept])
    at = {rule.id: index for index, rule in enumerate(rules)}
    tool = result.document.tool
    out.write(
        b'{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{\n"tool":{"driver":'
    )
    out.write(text.encode({"name": "rightshift", "version": tool.version, "semanticVersion": tool.version})[:-1])
    out.write(b',"rules":[')
    _list(rules, out)
    out.write(
        b']}},\n"automationDetails":' + text.encode({"id": f"rightshift/{_shown(result.document.subject.name)}/"})
    )
    notices = tuple(_notices(result, len(found)))
    out.write(b',\n"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":' + text.encode(notices))
    out.write(b'}],\n"originalUriBaseIds":{"%SRCROOT%":{"description":{"text":"the root of what was scanned"}}}')
    out.write(b',\n"columnKind":"unicodeCodePoints","results":[')
    _list((_found(row, at[_rule_id(row.match)], result) for row in kept), out)
    out.write(b"]}]}\n")


def _list(values: Sequence[Rule] | Iterator[Found], out: Out) -> None:
    for at, one in enumerate(values):
        out.write((b",\n" if at else b"\n") + text.encode(one))


def _rules(matches: Sequence[Match]) -> list[Rule]:
    grouped: dict[str, list[Match]] = {}
    for match in matches:
        grouped.setdefault(_rule_id(match), []).append(match)
    return [_rule(id, group) for id, group in grouped.items()]


def _rule(id: str, matches: Sequence[Match]) -> Rule:
    first = matches[0]
    severity = f"{max(map(_severity, matches)):.1f}"
    named = _shown(id)
    summary = _shown(first.summary) or f"Known vulnerability {named}"
    aliases = f" Also known as {_shown(', '.join(first.aliases))}." if first.aliases else ""
    tags = ("security", "vulnerability", *(("kev",) if any(match.kev for match in matches) else ()))
    return Rule(
        id=id,
        name="VulnerablePackage",
        short_description=Message(f"{named}: {summary}"),
        full_description=Message(summary + aliases),
        help=Message(f"{summary}{aliases} See {address(first.id)}"),
        help_uri=address(first.id),
        properties=RuleProperties(severity, tags),
    )


def _severity(match: Match) -> float:
    number = base_score(match)
    return SECURITY_SEVERITY.get(match.severity, UNKNOWN_SEVERITY) if number is None else number


def _found(row: Row, rule_index: int, result: Result) -> Found:
    match, package = row.match, row.match.package
    id = _rule_id(match)
    places = row.places[:PLACES] or (f"packages/{package.ecosystem}/{package.name}",)
    print_of = "\n".join((id, package.ecosystem, package.name, package.version, places[0]))
    return Found(
        rule_id=id,
        rule_index=rule_index,
        level=LEVEL.get(match.severity, "warning"),
        message=Message(_message(row)),
        locations=tuple(Location(Physical(Artifact(_uri(place)))) for place in places),
        partial_fingerprints={"rightshift/v1": hashlib.sha256(text.valid(print_of).encode()).hexdigest()[:32]},
        properties=ResultProperties(match.points, band(match.points), package.purl, match.fixed),
        baseline_state=UNSET if result.baseline is None else "new" if row.is_new else "unchanged",
    )


def _message(row: Row) -> str:
    match, package = row.match, row.match.package
    fix = f"Fixed in {', '.join(match.fixed[:3])}." if match.fixed else "No fix is known."
    layer = f" Layer {', '.join(map(str, row.layers[:3]))}." if row.layers else ""
    known = f" {', '.join(marks(row))}." if any(marks(row)) else ""
    said = f"{package.name} {package.version} has {match.id}. {fix}{layer}{known}"
    return _shown(f"{said} {score(match.points)} points, {band(match.points)}; run time unknown.")


def _notices(result: Result, found: int) -> Iterator[Notice]:
    if found > RESULTS:
        yield Notice("warning", Message(f"{found - RESULTS:,} results are left out: the best {RESULTS:,} are kept"))
    for limit in result.feed.limits if result.feed else ():
        yield Notice("warning", Message(_shown(limit)))
    if result.end_of_life and result.end_of_life.over is not Known.NO:
        yield Notice("warning", Message(_shown(result.end_of_life.said)))
    for gap in result.document.gaps[:PLACES]:
        yield Notice("warning", Message(_shown(f"not read: {gap.path}: {gap.reason}")))
    if (more := len(result.document.gaps) - PLACES) > 0:
        yield Notice("warning", Message(f"{more:,} more could not be read"))


def _rule_id(match: Match) -> str:
    return escape.line(match.id, 255)


def _uri(path: str) -> str:
    """A relative reference: no scheme, no root, no step up can be read into it."""
    steps = (step for step in text.valid(path).split("/") if step not in ("", ".", ".."))
    return quote("/".join(steps), safe="/!@+~") or "unknown"


def _shown(said: str) -> str:
    """One line in which brackets are no links and braces no placeholders. Source: SARIF 2.1.0, "Messages"."""
    flat = escape.line(said, LINE_CHARS)
    return flat.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")


FORMAT = Format(title="SARIF 2.1.0 for code scanning pages", write=write)

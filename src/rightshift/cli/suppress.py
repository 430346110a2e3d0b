"""Reads what the user and vendors say does not count, and takes it out. What a rule or statement means: `assess`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift.assess import ignore
from rightshift.assess.ignore import Rule
from rightshift.cli import files
from rightshift.cli.streams import Streams
from rightshift.errors import Malformed, UsageError
from rightshift.model.advisory import Match
from rightshift.model.inventory import Subject
from rightshift.report.result import Suppressed

if TYPE_CHECKING:
    from rightshift.assess.baseline import Baseline
    from rightshift.assess.vex.statement import Statement

HELP = """\
--ignore-file PATH: matches that you decided to leave. They are listed as suppressed, and no gate counts them.

TOML, a table for each decision. One of id, package and path at least, and a reason; all that is given must hold.

  [[ignore]]
  id = "CVE-2021-44228"          # any id of the advisory
  package = "log4j-core"         # a name, or a package URL with or without version
  path = "app/lib/**"            # below the root; ** is any number of folders
  reason = "look-ups are switched off, ticket 4711"
  until = 2026-12-31             # the last day; without it you are told that there is no end

A decision whose last day is over no longer holds, and you are told.

--vex PATH: an OpenVEX document, as vendors give them; `not_affected` and `fixed` take a match out. May be given several
times. A statement counts when it names the package, or the image that is scanned.
"""

LIMIT_BYTES = 4 << 20
LIMIT_RULES = 10_000
_DO = "See `rightshift help ignore-file`"
_KEYS = frozenset({"id", "package", "path", "reason", "until"})


@dataclass(frozen=True, slots=True)
class Said:
    """What was read of all files."""

    rules: tuple[Rule, ...] = ()
    statements: tuple["Statement", ...] = ()
    baseline: "Baseline | None" = None
    compared: tuple[str, ...] = ()
    """The names of the reports that the baseline was made from."""


def read(ignore_file: Path | None, vex: Sequence[Path], streams: Streams, today: date) -> Said:
    """
    The rules and statements of these files; notes say which rules have ended or have no end.

    Raises: UsageError.
    """
    rules = _rules(ignore_file) if ignore_file else ()
    for rule in ignore.expired(rules, today):
        streams.note(f"the rule for {_named(rule)} ended on {rule.until}")
    for rule in rules:
        if rule.until is None:
            streams.note(f"the rule for {_named(rule)} has no end; give it `until`")
    return Said(rules, tuple(statement for path in vex for statement in _statements(path)))


def apply(
    matches: Sequence[Match], said: Said, subject: Subject, today: date
) -> tuple[tuple[Match, ...], tuple[Suppressed, ...]]:
    """The matches that stay, and those that do not count: those of vendors first."""
    from rightshift.assess.vex import apply as vex

    kept, ruled_out = vex.apply(matches, said.statements, subject)
    kept, left = ignore.apply(kept, said.rules, today)
    suppressed = [
        Suppressed(
            match=one.match,
            by="vex",
            status=one.statement.status,
            justification=one.statement.justification,
            reason=one.reason,
        )
        for one in ruled_out
    ]
    suppressed += [
        Suppressed(
            match=one.match,
            by="ignore",
            reason=one.rule.reason,
            until=one.rule.until.isoformat() if one.rule.until else "",
        )
        for one in left
    ]
    return kept, tuple(suppressed)


def _rules(path: Path) -> tuple[Rule, ...]:
    import tomllib

    try:
        document = tomllib.loads(files.content(path, LIMIT_BYTES, _DO).decode())
    except (ValueError, RecursionError) as error:
        raise _wrong(path, str(error)) from error
    tables = document.get("ignore", [])
    if document.keys() - {"ignore"} or not isinstance(tables, list) or len(tables) > LIMIT_RULES:
        raise _wrong(path, f"only [[ignore]] tables are known, at most {LIMIT_RULES}")
    return tuple(_rule(path, number, table) for number, table in enumerate(tables, 1))


def _rule(path: Path, number: int, table: object) -> Rule:
    if not isinstance(table, dict) or table.keys() - _KEYS:
        raise _wrong(path, f"rule {number}: known are {', '.join(sorted(_KEYS))}")
    texts = {key: table.get(key, "") for key in _KEYS - {"until"}}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _wrong(path, f"rule {number}: id, package, path and reason are texts")
    try:
        return Rule(
            advisory=texts["id"],
            package=texts["package"],
            path=texts["path"],
            reason=texts["reason"],
            until=_day(table.get("until")),
        )
    except ValueError as error:
        raise _wrong(path, f"rule {number}: {error}") from error


def _day(value: object) -> date | None:
    """Raises: ValueError."""
    match value:
        case None:
            return None
        case datetime():
            return value.date()
        case date():
            return value
        case str():
            return date.fromisoformat(value)
    raise ValueError("`until` is a day, as 2026-12-31")


def _statements(path: Path) -> "tuple[Statement, ...]":
    from rightshift.assess.vex import openvex

    try:
        return openvex.read(files.content(path, openvex.LIMIT_BYTES, _DO))
    except Malformed as error:
        raise _wrong(path, str(error)) from error


def _named(rule: Rule) -> str:
    return " ".join(filter(None, (rule.advisory, rule.package, rule.path)))


def _wrong(path: Path, why: str) -> UsageError:
    return files.wrong(path, why, _DO)

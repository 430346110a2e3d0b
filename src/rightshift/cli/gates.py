"""The language of `--fail-on`: conditions on one match. What fails is shown by `report`, what exits by `scan.py`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne

from rightshift.assess.rank import score
from rightshift.errors import UsageError
from rightshift.model.advisory import Match
from rightshift.report.result import SEVERITIES, Gate

HELP = """\
--fail-on CONDITIONS: the exit code is 3 when a match meets one of them. Everything is reported all the same.

  ,            or: each part is a gate of its own; --fail-on may be given several times
  + or &       and: all must hold for the same match
  ! or not     the opposite of the condition that follows

conditions:
  kev          in CISA's catalogue of what is exploited
  ransomware   and known to be used by ransomware
  malicious    the package itself is malicious
  fixable      a fix in the same release line is known
  wontfix      the distribution says that it will not fix it
  score>=40    our points, 0 to 100; a scan knows nothing of run time, so that it gives 53 at most
  severity>=high   critical, high, medium, low, none; `severity=unknown` is met by nothing else
  epss>=0.1    probability of exploitation within 30 days, also as 10%
  ecosystem=npm    purl type

Compare with >= > <= < = !=. What is not known meets no comparison but !=: no severity, no EPSS. A match whose version
could not be compared counts like any other. Matches that an ignore file or VEX suppresses don't count.

--baseline PATH: an earlier report as JSON. Everything is reported, and gates count only matches that it does not know.
Those are marked as new; another version or place of the same package brings nothing new. Compared with a report, new is
what came with a change and what was published since. A list of packages (--no-match --json) is matched with the feed of
today, so that new is only what came with a change. May be given several times.

Write conditions in quotes, for a shell has its own use for > and &:
  rightshift scan . --fail-on 'kev, severity>=high + fixable, epss>=10%'
"""

MOST_OF_A_SCAN = 53
"""Threat, impact and context at their most. Source: EXPLOITABILITY, "Ranges"."""

LIMIT = 100
LIMIT_CHARS = 400
"""Of one condition."""

_OPERATORS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, "!=": ne, ">": gt, "<": lt, "=": eq}
_FACTS: dict[str, Callable[[Match], bool]] = {
    "kev": lambda match: match.kev is not None,
    "ransomware": lambda match: match.kev is not None and match.kev.ransomware,
    "malicious": lambda match: match.malicious,
    "fixable": lambda match: bool(match.fixed),
    "wontfix": lambda match: match.ignored,
}
_COMPARISON = re.compile(r"([a-z]+)\s*(>=|<=|!=|>|<|=)\s*(\S{1,100})")
_RANK = {"critical": 4.0, "high": 3.0, "medium": 2.0, "low": 1.0, "none": 0.0}

_Holds = Callable[[Match], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One gate as it was written, whether a match meets it, and what there is to know about it."""

    text: str
    holds: _Holds
    warning: str = ""


def parse(texts: Iterable[str]) -> tuple[Condition, ...]:
    """
    The gates of all `--fail-on`, in their order.

    Raises: UsageError.
    """
    parts = [part.strip() for text in texts for part in text.split(",")]
    if len(parts) > LIMIT or any(len(part) > LIMIT_CHARS for part in parts):
        raise _wrong(f"More than {LIMIT} conditions, or one with more than {LIMIT_CHARS} characters")
    return tuple(map(_gate, parts))


def judge(conditions: Iterable[Condition], matches: Sequence[Match]) -> tuple[Gate, ...]:
    """Which matches meet which gate."""
    return tuple(Gate(condition=one.text, matches=tuple(filter(one.holds, matches))) for one in conditions)


def _gate(text: str) -> Condition:
    terms = [_term(term.strip()) for term in re.split(r"[+&]+", text)]
    warning = " ".join(filter(None, (warning for _, warning in terms)))
    return Condition(text, lambda match: all(holds(match) for holds, _ in terms), warning)


def _term(term: str) -> tuple[_Holds, str]:
    word, opposite = term.lower(), False
    while (bare := word.removeprefix("!").removeprefix("not ").lstrip()) != word:
        word, opposite = bare, not opposite
    holds, warning = _plain(word)
    return (lambda match: not holds(match), "") if opposite else (holds, warning)


def _plain(word: str) -> tuple[_Holds, str]:
    if word in _FACTS:
        return _FACTS[word], ""
    found = _COMPARISON.fullmatch(word)
    if not found:
        if word in ("score", "severity", "epss", "ecosystem"):
            raise _wrong(f"{word} needs something to compare with, and quotes around it in a shell")
        raise _wrong(f"{word!a} in --fail-on is no condition")
    name, operator, value = found.groups()
    compare = _OPERATORS[operator]
    if name == "score":
        return _score(compare, operator, value)
    if name == "epss":
        return _epss(compare, value), ""
    if name == "severity":
        return _severity(compare, operator, value), ""
    if name == "ecosystem":
        return _ecosystem(operator, value), ""
    raise _wrong(f"{name!a} in --fail-on can't be compared")


def _score(compare: Callable[[float, float], bool], operator: str, value: str) -> tuple[_Holds, str]:
    if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) > 100:
        raise _wrong(f"score is compared with 0 to 100, not {value!a}")
    number = int(value)
    never = (operator in (">=", "=") and number > MOST_OF_A_SCAN) or (operator == ">" and number >= MOST_OF_A_SCAN)
    warning = f"score{operator}{value} is never met: without run time a scan gives {MOST_OF_A_SCAN} points at most"
    return lambda match: compare(score(match.points), number), warning if never else ""


def _epss(compare: Callable[[float, float], bool], value: str) -> _Holds:
    plain = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(%?)", value)
    number = float(plain[1]) / (100 if plain[2] else 1) if plain else 2.0
    if not 0 <= number <= 1:
        raise _wrong(f"epss is compared with 0 to 1 or 0% to 100%, not {value!a}")
    negative = compare is ne
    return lambda match: compare(match.epss.probability, number) if match.epss else negative


def _severity(compare: Callable[[float, float], bool], operator: str, value: str) -> _Holds:
    if value not in SEVERITIES:
        raise _wrong(f"There is no severity {value!a}, but {', '.join(SEVERITIES)}")
    if value == "unknown":
        if operator not in ("=", "!="):
            raise _wrong("severity=unknown and severity!=unknown are all that can be asked of unknown")
        same = operator == "="
        return lambda match: (match.severity not in _RANK) is same
    number, negative = _RANK[value], compare is ne
    return lambda match: compare(_RANK[match.severity], number) if match.severity in _RANK else negative


def _ecosystem(operator: str, value: str) -> _Holds:
    from rightshift.model.ecosystem import purl_type

    if operator not in ("=", "!="):
        raise _wrong("ecosystem is compared with = or !=")
    kind, same = purl_type(value), operator == "="
    return lambda match: (match.package.ecosystem == kind) is same


def _wrong(what: str) -> UsageError:
    return UsageError(what, do="See `rightshift help gates`")

"""npm's versions, and the expressions over them that a `package.json` holds. OSV's ranges: `ranges.py`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rightshift.versions import semver
from rightshift.versions.scheme import LIMIT, REMEMBERED, Key, Scheme, Unparsable

_PRE = r"(?:-?[0-9A-Za-z-][0-9A-Za-z.-]*)?"
_PARTIAL = rf"[vV=]*\s*(?:[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*])){{0,2}}{_PRE}(?:\+[0-9A-Za-z.-]*)?"
_READ_PARTIAL = re.compile(
    r"[vV=]*\s*([0-9]+|[xX*])(?:\.([0-9]+|[xX*]))?(?:\.([0-9]+|[xX*]))?"
    r"(?:-?([0-9A-Za-z-][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]*)?"
)
_HYPHEN = re.compile(rf"({_PARTIAL})\s+-\s+({_PARTIAL})")
_COMPARATOR = re.compile(rf"\s*(<=|>=|<|>|=|~>|~|\^)?\s*({_PARTIAL})(?=\s|$)")
_BLANKS = re.compile(r"\s+")
_LONGEST_RANGE = 4 * LIMIT
_LOWEST_PRE = "0"

Triple = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Bound:
    """One comparison with a version in full: `<`, `<=`, `>`, `>=` or `=`."""

    operator: str
    numbers: Triple
    pre: str = ""

    @property
    def place(self) -> Key:
        return _place(self.numbers, self.pre)

    def holds(self, place: Key) -> bool:
        match self.operator:
            case "<":
                return place < self.place
            case "<=":
                return place <= self.place
            case ">":
                return self.place < place
            case ">=":
                return self.place <= place
            case _:
                return place == self.place


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """Precedence, as `semver.key` has it. Raises: Unparsable."""
    release, pre, _ = semver.split("npm", version)
    return semver.precedence(release, pre)


def satisfies(version: str, range_text: str) -> bool:
    """
    True where the version lies in the range. A pre-release does only where the range names a pre-release of the same
    three numbers. What is no version or no range is never in.

    Source: node-semver, "Ranges", "Advanced Range Syntax" and "Prerelease Tags".
    """
    try:
        release, pre, _ = semver.split("npm", version)
    except Unparsable:
        return False
    match [int(part) for part in release.split(".")]:
        case [major, minor, patch]:
            numbers = (major, minor, patch)
        case _:
            return False
    place = _place(numbers, pre)
    return any(
        all(bound.holds(place) for bound in bounds)
        and (not pre or any(bound.pre and bound.numbers == numbers for bound in bounds))
        for bounds in _alternatives(range_text)
    )


@lru_cache(maxsize=REMEMBERED)
def _alternatives(range_text: str) -> tuple[tuple[_Bound, ...], ...]:
    """The sets of bounds between `||`, of which one must hold in full; a set that can't be read is left out."""
    if len(range_text) > _LONGEST_RANGE:
        return ()
    found = []
    for text in range_text.split("||"):
        bounds = _bounds(_BLANKS.sub(" ", text).strip())
        if bounds is not None:
            found.append(bounds)
    return tuple(found)


def _bounds(text: str) -> tuple[_Bound, ...] | None:
    if hyphen := _HYPHEN.fullmatch(text):
        return (*_expanded(">=", hyphen[1]), *_expanded("<=", hyphen[2]))
    bounds: list[_Bound] = []
    at = 0
    while at < len(text):
        found = _COMPARATOR.match(text, at)
        if found is None:
            return None
        bounds += _expanded(found[1] or "=", found[2])
        at = found.end()
    return tuple(bounds) or (_Bound(">=", (0, 0, 0)),)


def _expanded(operator: str, partial: str) -> Iterator[_Bound]:
    """The bounds that a comparison with a version of one to three numbers stands for."""
    found = _READ_PARTIAL.fullmatch(partial)
    if found is None:
        return
    known: list[int] = []
    for part in found.groups()[:3]:
        if part is None or not part.isdigit():
            break
        known.append(int(part))
    given = len(known)
    full: Triple = (*known, 0, 0, 0)[:3]  # type: ignore[assignment]
    pre = (found[4] or "") if given == 3 else ""
    match operator:
        case "~" | "~>":
            yield from _between(full, pre, min(given, 2))
        case "^":
            leading = next((at for at, number in enumerate(known) if number), given - 1)
            yield from _between(full, pre, leading + 1 if given else 0)
        case "=" if given < 3:
            yield from _between(full, pre, given)
        case ">" if given < 3:
            yield _Bound(">=", _next(full, given)) if given else _Bound("<", (0, 0, 0), _LOWEST_PRE)
        case "<" if given < 3:
            yield _Bound("<", full, _LOWEST_PRE)
        case "<=" if given < 3:
            yield _Bound("<", _next(full, given), _LOWEST_PRE) if given else _Bound(">=", full)
        case _:
            yield _Bound(operator, full, pre)


def _between(low: Triple, pre: str, held: int) -> Iterator[_Bound]:
    """From a version up to the next with another of the first `held` numbers; 0 holds none."""
    yield _Bound(">=", low, pre)
    if held:
        yield _Bound("<", _next(low, held), _LOWEST_PRE)


def _next(numbers: Triple, held: int) -> Triple:
    """The lowest version behind all that begin with the same `held` numbers."""
    major, minor, patch = numbers
    return ((major + 1, 0, 0), (major, minor + 1, 0), (major, minor, patch + 1))[held - 1]


def _place(numbers: Triple, pre: str) -> Key:
    return (numbers, not pre, semver.identifiers(pre) if pre else ())


SCHEME = Scheme(name="npm", ecosystems=("npm",), key=key)

"""Whether a version lies in an OSV range, and which versions fix it there. npm's own expressions: `npm.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rightshift.model.advisory import Range
from rightshift.model.known import Known
from rightshift.versions.scheme import Key, Scheme, Unparsable

BOTTOM = "0"
"""Below every version, whatever the scheme."""

_PREPARED = 1 << 15
"""Ranges kept ready: those of a large image's advisories."""


@dataclass(frozen=True, slots=True)
class _Interval:
    """From `start` (None: below everything) up to `end` (None: without end), which belongs to it or not."""

    start: Key | None
    end: Key | None
    with_end: bool = False
    fixed: str = ""
    """The version that fixes it, as written; empty when it ends otherwise."""

    def holds(self, key: Key) -> bool:
        if self.start is not None and key < self.start:
            return False
        return self.end is None or key < self.end or (self.with_end and key == self.end)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The intervals of a range as far as its events can be parsed, and what can't be."""

    intervals: tuple[_Interval, ...]
    limits: tuple[Key, ...] = ()
    start_unread: bool = False
    end_unread: bool = False

    @property
    def everything(self) -> bool:
        """True where even what can't be parsed lies in it."""
        whole = any(interval.start is None and interval.end is None for interval in self.intervals)
        return whole and not self.limits and not self.end_unread

    def contains(self, key: Key) -> Known:
        limited = bool(self.limits) and not any(key < limit for limit in self.limits)
        if not limited and any(interval.holds(key) for interval in self.intervals):
            return Known.UNKNOWN if self.end_unread else Known.YES
        return Known.UNKNOWN if self.start_unread and not limited else Known.NO


def contains(version: str, of: Range, scheme: Scheme) -> Known:
    """
    Whether the version lies in the range.

    UNKNOWN where the version can't be parsed and where the answer hangs on an event that can't be: without a readable
    start nothing is known to be outside, without a readable end nothing is known to be inside. A range from "0"
    without an end holds every text, versions or not.

    Source: OSV schema 1.7, "affected[].ranges[] field" and "Evaluation".
    """
    prepared = _prepared(of, scheme)
    try:
        key = scheme.key(version)
    except Unparsable:
        return Known.YES if prepared.everything else Known.UNKNOWN
    return prepared.contains(key)


def holding(version: str, ranges: Iterable[Range], scheme: Scheme) -> tuple[Known, Range | None]:
    """The strongest answer of several ranges, YES before UNKNOWN before NO, and the first range that gives it."""
    unknown: Range | None = None
    for each in ranges:
        answer = contains(version, each, scheme)
        if answer is Known.YES:
            return answer, each
        if answer is Known.UNKNOWN and unknown is None:
            unknown = each
    return (Known.UNKNOWN, unknown) if unknown else (Known.NO, None)


def fixed_on_branch(version: str, ranges: Sequence[Range], scheme: Scheme) -> tuple[str, ...]:
    """
    The versions that end the intervals this version lies in, lowest first, without those that another range still
    calls affected. For a version in no interval (listed by name, or not parsable) all fixed versions above it.
    """
    prepared = [_prepared(each, scheme) for each in ranges]
    try:
        key: Key | None = scheme.key(version)
    except Unparsable:
        key = None
    intervals = [interval for each in prepared for interval in each.intervals]
    around = [interval for interval in intervals if key is not None and interval.holds(key)]
    fixes: dict[Key, str] = {}
    for interval in around or intervals:
        if interval.fixed and interval.end is not None and (key is None or key < interval.end):
            fixes.setdefault(interval.end, interval.fixed)
    return tuple(fixes[end] for end in sorted(fixes) if all(each.contains(end) is not Known.YES for each in prepared))


_Kind = Literal["start", "end", "last"]


@lru_cache(maxsize=_PREPARED)
def _prepared(of: Range, scheme: Scheme) -> _Prepared:
    starts_low = start_unread = end_unread = False
    limits: list[Key] = []
    points: dict[Key, dict[_Kind, str]] = {}
    for kind, text in of.events:
        if kind == "introduced" and text == BOTTOM:
            starts_low = True
            continue
        if kind == "limit" and text == "*":
            continue
        try:
            key = scheme.key(text)
        except Unparsable:
            start_unread |= kind == "introduced"
            end_unread |= kind != "introduced"
            continue
        match kind:
            case "introduced":
                points.setdefault(key, {})["start"] = text
            case "fixed":
                points.setdefault(key, {})["end"] = text
            case "last_affected":
                points.setdefault(key, {})["last"] = text
            case "limit":
                limits.append(key)
    return _Prepared(_intervals(starts_low, points), tuple(limits), start_unread, end_unread)


def _intervals(starts_low: bool, points: dict[Key, dict[_Kind, str]]) -> tuple[_Interval, ...]:
    """
    Walks the events from the lowest up. At one version an open interval ends before another starts; an end that finds
    none open closes the one that starts there: a single version if it is the last affected, nothing if it is fixed.
    """
    found: list[_Interval] = []
    opened, start = starts_low, None
    for key in sorted(points):
        kinds = points[key]
        end, last = kinds.get("end"), kinds.get("last")
        closed = opened and (end is not None or last is not None)
        if closed:
            found.append(_Interval(start, key, with_end=end is None, fixed=end or ""))
            opened = False
        if "start" not in kinds or opened:
            continue
        if closed or (end is None and last is None):
            opened, start = True, key
        elif end is None:
            found.append(_Interval(key, key, with_end=True))
    if opened:
        found.append(_Interval(start, None))
    return tuple(found)

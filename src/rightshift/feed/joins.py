"""Which other ids speak of the flaw, or the flaws, of a record: what KEV, EPSS and the history of a package hang on."""

import re
from collections.abc import Callable

from rightshift.feed.packed import Document

_COVERS = re.compile(r"(?:ALSA|RLSA|RXSA)-")
"""AlmaLinux and Rocky name their CVEs only as `related`; elsewhere that word means anything."""
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_ID = re.compile(r"(?:[A-Z]+-)?(CVE-\d{4}-\d{4,19})")
IDS = 5_000


def is_cve(record: str) -> bool:
    """Whether the id is a CVE's."""
    return _CVE.fullmatch(record) is not None


def covered(record: str, document: Document) -> tuple[str, ...]:
    """Ids of the flaws that this record says it covers, without being their alias."""
    return document.upstream + document.related if _COVERS.match(record) else document.upstream


def same_flaw(record: str, document: Document) -> str:
    """
    The CVE that the record is a distribution's or database's own copy of, else empty.

    `DEBIAN-CVE-2024-1` stands for one CVE by its name; an advisory that covers a single CVE says nothing else.
    """
    copied = _ID.fullmatch(record)
    if copied and copied[1] != record:
        return copied[1]
    cves = [one for one in covered(record, document) if is_cve(one)]
    return cves[0] if len(cves) == 1 and not any(map(is_cve, document.aliases)) else ""


def reached(
    record: str, document: Callable[[str], Document | None], members: Callable[[str], tuple[str, ...]]
) -> frozenset[str]:
    """
    All ids that the record is about: its aliases, what it and they cover, and those ones' aliases, over any way.

    `document` gives a record by its id, `members` the group of an id (empty when it stands alone). At most `IDS`.
    """
    found: set[str] = {record}
    waiting = [record]
    while waiting and len(found) < IDS:
        one = waiting.pop()
        known = document(one)
        more = (*members(one), *(covered(one, known) if known else ()))
        fresh = [other for other in more if other not in found]
        found.update(fresh)
        waiting += fresh
    return frozenset(found)

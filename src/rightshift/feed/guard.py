"""Whether a new feed looks as if somebody had emptied or flooded it. Whether it is whole: `file.check`."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from rightshift.errors import FeedError
from rightshift.feed import file, packed

REMOVED_SHARE, ADDED_SHARE = 0.20, 0.50
ECOSYSTEM_LEAST = 50
"""Ecosystems with fewer records may lose more than their share."""


class HeldError(FeedError):
    """The new feed differs so much from the one in use that somebody has to confirm it."""


def check(new: Path, older: Path | None, *, confirmed: bool) -> None:
    """
    Compares the records that can match with those of the feed in use; None for a starter feed or none at all.

    Withdrawn records count as removed. Raises: HeldError.
    """
    if confirmed or older is None:
        return
    with closing(file.connect(new)) as database:
        try:
            database.execute("ATTACH DATABASE ? AS older", (f"{older.absolute().as_uri()}?mode=ro&immutable=1",))
            before, after, kept = _counts(database)
            lost = _emptied(database)
        except file.UNREADABLE as error:
            raise packed.damaged("it cannot be compared with the one in use") from error
    removed, added = before - kept, after - kept
    do = "See whether the upstream is what it should be; then update again with the change confirmed"
    means = "The feed in use stays as it was"
    if removed > before * REMOVED_SHARE:
        raise HeldError(f"The new feed lacks {removed} of {before} advisories", means=means, do=do)
    if before and added > before * ADDED_SHARE:
        raise HeldError(f"The new feed has {added} new advisories beside {before}", means=means, do=do)
    if lost:
        ecosystem, gone, had = lost
        raise HeldError(f"The new feed lacks {gone} of {had} advisories of {ecosystem}", means=means, do=do)


def _counts(database: sqlite3.Connection) -> tuple[int, int, int]:
    row = database.execute(
        """
        SELECT (SELECT count(*) FROM older.advisory WHERE standing = 2),
               (SELECT count(*) FROM main.advisory WHERE standing = 2),
               (SELECT count(*) FROM main.advisory JOIN older.advisory AS before USING (id)
                WHERE main.advisory.standing = 2 AND before.standing = 2)
        """
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def _emptied(database: sqlite3.Connection) -> tuple[str, int, int] | None:
    """The first ecosystem that lost more than its share: its name, how many it lost, how many it had."""
    gone: Counter[str] = Counter()
    rows = database.execute(
        """
        SELECT packages FROM older.advisory WHERE standing = 2
        AND id NOT IN (SELECT id FROM main.advisory WHERE standing = 2)
        """
    )
    for (cell,) in rows:
        gone.update({ecosystem for ecosystem, _ in packed.unpack_keys(cell)})
    if not gone or max(gone.values()) <= ECOSYSTEM_LEAST * REMOVED_SHARE:
        return None
    had: Counter[str] = Counter()
    for (cell,) in database.execute("SELECT packages FROM older.advisory WHERE standing = 2"):
        had.update({ecosystem for ecosystem, _ in packed.unpack_keys(cell)})
    found = [e for e in sorted(gone) if had[e] >= ECOSYSTEM_LEAST and gone[e] > had[e] * REMOVED_SHARE]
    return (found[0], gone[found[0]], had[found[0]]) if found else None

"""What a console's database holds in the end, beside what was sent: nothing lost, nothing twice, nothing left over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one sensor had acknowledged: its last number, all connections that it counted, and what runs there now."""

    sequence: int
    counted: int
    containers: int
    processes: int


def waiting(url: str) -> int:
    """Marks of what is to be derived again."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM dirty").fetchone()
    assert row is not None
    return int(row[0])


def differences(url: str, told: Mapping[str, Told], scans: Sequence[str]) -> list[str]:
    """
    What is otherwise than it was acknowledged; nothing where all is well.

    Counts of connections add up, so their sum shows a document that was lost as well as one that counted twice.
    """
    found: list[str] = []
    with psycopg.connect(url) as connection:
        there = _told(connection)
        for key in sorted(told.keys() | there.keys()):
            if told.get(key) != there.get(key):
                found.append(f"{key}: {told.get(key)} was told, {there.get(key)} is stored")
        kept = [str(row[0]) for row in connection.execute("SELECT document_id FROM scan").fetchall()]
        if len(kept) != len(set(kept)):
            found.append(f"{len(kept) - len(set(kept))} scans are there twice")
        found += [f"scan {one} is lost" for one in sorted(set(scans) - set(kept))]
        found += [f"scan {one} was never sent" for one in sorted(set(kept) - set(scans))]
        found += _underived(connection, told)
    return found


def _told(connection: "psycopg.Connection[tuple[Any, ...]]") -> dict[str, Told]:
    rows = connection.execute(
        """
        SELECT r.key, r.sequence,
            (SELECT coalesce(sum(count), 0)::bigint FROM connection_fact c WHERE c.reporter_id = r.id),
            (SELECT count(*) FROM asset_fact f
             WHERE f.reporter_id = r.id AND f.kind = 'container' AND f.ended IS NULL),
            (SELECT count(*) FROM asset_fact f WHERE f.reporter_id = r.id AND f.kind = 'process' AND f.ended IS NULL)
        FROM reporter r WHERE r.kind = 'sensor'
        """
    ).fetchall()
    return {
        key: Told(sequence=sequence, counted=counted, containers=containers, processes=processes)
        for key, sequence, counted, containers, processes in rows
    }


def _underived(connection: "psycopg.Connection[tuple[Any, ...]]", told: Mapping[str, Told]) -> list[str]:
    """What is known and was not concluded, after all marks are gone."""
    row = connection.execute(
        """
        SELECT (SELECT count(*) FROM dirty),
            (SELECT count(*) FROM asset WHERE kind = 'host' AND gone IS NULL),
            (SELECT count(*) FROM asset WHERE kind = 'container' AND gone IS NULL),
            (SELECT count(*) FROM package_version v WHERE v.matchable AND NOT EXISTS (
                SELECT FROM matched m WHERE m.package_version_id = v.id)),
            (SELECT count(*) FROM (SELECT DISTINCT key FROM scan WHERE kind = 'image') s WHERE NOT EXISTS (
                SELECT FROM asset a WHERE a.kind = 'image' AND a.key = s.key AND a.inventory_id IS NOT NULL)),
            (SELECT count(*) FROM (SELECT DISTINCT c.unit_id, c.inventory_id FROM asset c
                WHERE c.kind = 'container' AND c.gone IS NULL AND c.inventory_id IS NOT NULL) c
             WHERE NOT EXISTS (
                SELECT FROM holder h WHERE h.unit_id = c.unit_id AND h.inventory_id = c.inventory_id))
        """
    ).fetchone()
    assert row is not None
    expected = (0, len(told), sum(one.containers for one in told.values()), 0, 0, 0)
    names = ("marks", "hosts", "containers", "unmatched package versions", "images without their scan", "not held")
    return [
        f"{name}: {is_} where {was} are right"
        for name, is_, was in zip(names, row, expected, strict=True)
        if is_ != was
    ]

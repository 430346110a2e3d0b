"""Conclusions of a database beside those that are drawn from its facts anew, all at once, in an empty database."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg

from rightshift.console.store import pool as pools
from tests.console.derive import world

FACTS = (
    "reporter",
    "reporter_epoch",
    "asset_fact",
    "relation_fact",
    "listener_fact",
    "connection_fact",
    "use_fact",
    "package",
    "package_version",
    "inventory",
    "inventory_package",
    "scan",
)
MARK = """
INSERT INTO dirty (what, which, kind, key)
SELECT 'package_version', id, '', '' FROM package_version
UNION ALL SELECT 'inventory', id, '', '' FROM inventory
UNION ALL SELECT 'scan', id, '', '' FROM scan
UNION ALL SELECT 'asset', 0, kind, key FROM asset_fact
"""
CONCLUSIONS = {
    "assets": """
        SELECT a.kind, a.key, a.name, a.attributes, a.labels, a.cluster, a.namespace, a.workload, a.host, a.image,
            a.running, a.exposure, a.privileges, a.context, a.gone IS NULL, p.kind, p.key, u.kind, u.key, i.digest
        FROM asset a LEFT JOIN asset p ON p.id = a.parent_id LEFT JOIN asset u ON u.id = a.unit_id
        LEFT JOIN inventory i ON i.id = a.inventory_id ORDER BY 1, 2""",
    "what they hold": """
        SELECT a.kind, a.key, i.digest FROM asset_inventory h JOIN asset a ON a.id = h.asset_id
        JOIN inventory i ON i.id = h.inventory_id WHERE h.until IS NULL ORDER BY 1, 2, 3""",
    "relations": """
        SELECT r.kind, f.kind, f.key, t.kind, t.key, r.protocol, r.port, r.count, r.ended IS NULL
        FROM relation r JOIN asset f ON f.id = r.from_id JOIN asset t ON t.id = r.to_id ORDER BY 1, 2, 3, 4, 5, 6, 7""",
    "holders": """
        SELECT u.kind, u.key, i.digest, h.assets, h.running, h.exposure, h.privileges, h.context, h.most
        FROM holder h JOIN asset u ON u.id = h.unit_id JOIN inventory i ON i.id = h.inventory_id ORDER BY 1, 2, 3""",
    "matches": """
        SELECT v.key, a.name, a.aliases, m.points, m.class, m.weight, m.severity, m.certain, m.kev, m.fixable, m.epss,
            m.fixed, m.records, m.rule, m.evidence
        FROM match m JOIN package_version v ON v.id = m.package_version_id JOIN advisory a ON a.id = m.advisory_id
        ORDER BY 1, 2""",
    "counts": """
        SELECT u.kind, u.key, i.digest, h.bands, f.ecosystem, f.total, f.findings, f.kev
        FROM holder h JOIN asset u ON u.id = h.unit_id JOIN inventory i ON i.id = h.inventory_id
        LEFT JOIN facet f ON f.id = h.facet ORDER BY 1, 2, 3, 5""",
}


async def differing(database: str, empty: str, feed: Path) -> dict[str, list[object]]:
    """Rows that stand in one of them only, by what they are of; what is the same in both is not there."""
    _copy(database, empty)
    async with pools.opened(empty, most=2, name="test") as pool:
        await world.derive(pool, feed, datetime.now(UTC))
    found: dict[str, list[object]] = {}
    for name, question in CONCLUSIONS.items():
        one, other = (_rows(url, question) for url in (database, empty))
        assert one or name == "relations", f"there are no {name}"
        only = sorted(set(one) ^ set(other))
        if only or len(one) != len(other):
            found[name] = [*only[:10]]
    return found


def _copy(database: str, empty: str) -> None:
    with psycopg.connect(database) as one, psycopg.connect(empty) as other:
        for table in FACTS:
            with (
                one.cursor().copy(f"COPY {table} TO STDOUT") as out,
                other.cursor().copy(f"COPY {table} FROM STDIN") as to,
            ):
                for piece in out:
                    to.write(piece)
        other.execute(MARK)


def _rows(url: str, question: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [repr(row) for row in connection.execute(question)]

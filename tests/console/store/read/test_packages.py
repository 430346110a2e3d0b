"""Packages are found by the names and versions that people know them by, quickly among many."""

import json
import re
from collections.abc import Callable

import psycopg
import pytest

from rightshift.console.store.pool import Pool
from rightshift.console.store.read import packages
from rightshift.console.store.read.packages import Filter
from rightshift.console.store.scope import EVERYTHING

KNOWN = (
    ("maven", "org.apache.logging.log4j:log4j-core", "2.13.0"),
    ("maven", "org.apache.logging.log4j:log4j-core", "2.14.0"),
    ("maven", "org.apache.logging.log4j:log4j-core", "2.14.1"),
    ("maven", "org.apache.logging.log4j:log4j-core", "2.140"),
    ("maven", "org.apache.logging.log4j:log4j-core", "unknown!"),
    ("maven", "log4j-core", "2.17.1"),
    ("npm", "@babel/core", "7.1.0"),
    ("golang", "github.com/jackc/pgx/v5", "v5.4.3"),
    ("golang", "gopkg.in/yaml.v3", "v3.0.1"),
    ("composer", "monolog/monolog", "2.3.0"),
    ("pypi", "Flask", "2.0.1"),
    ("pypi", "flask", "2.0.2"),
    ("pypi", "zope.interface", "5.0"),
    ("npm", "flask", "0.0.1"),
    ("deb", "openssl", "1:3.0.11-1~deb12u2"),
)
NAMES: tuple[tuple[str, set[str]], ...] = (
    ("Log4j-Core", {"org.apache.logging.log4j:log4j-core", "log4j-core"}),
    ("org.apache.logging.log4j:log4j-core", {"org.apache.logging.log4j:log4j-core"}),
    ("org.apache.logging.log4j/log4j-core", {"org.apache.logging.log4j:log4j-core"}),
    ("core", {"@babel/core"}),
    ("@babel/core", {"@babel/core"}),
    ("pgx", {"github.com/jackc/pgx/v5"}),
    ("yaml", {"gopkg.in/yaml.v3"}),
    ("monolog", {"monolog/monolog"}),
    ("FLASK", {"Flask", "flask"}),
    ("Zope_Interface", {"zope.interface"}),
    ("log4j", set()),
    ("interface", set()),
)
VERSIONS: tuple[tuple[str, str, set[str]], ...] = (
    ("log4j-core", "2.14", {"2.14.0", "2.14.1"}),
    ("log4j-core", "=2.14", set()),
    ("log4j-core", "=2.14.1", {"2.14.1"}),
    ("log4j-core", "2.14*", {"2.14.0", "2.14.1", "2.140"}),
    ("log4j-core", "<2.17", {"2.13.0", "2.14.0", "2.14.1", "unknown!"}),
    ("log4j-core", ">2.14.0,<=2.17.1", {"2.14.1", "2.17.1", "unknown!"}),
    ("pgx", "5.4", {"v5.4.3"}),
    ("pgx", "v5.4", {"v5.4.3"}),
    ("openssl", "3.0.11", {"1:3.0.11-1~deb12u2"}),
    ("openssl", "1:3.0.11-1", {"1:3.0.11-1~deb12u2"}),
    ("openssl", "3.0.1", set()),
)
HELD = """
WITH new_inventory AS (INSERT INTO inventory (digest, packages) VALUES (sha256('x'), 1) RETURNING id),
unit AS (
    INSERT INTO asset (kind, key, name, first_seen, last_seen) VALUES ('host', 'h', 'h', now(), now()) RETURNING id
),
held AS (
    INSERT INTO inventory_package (inventory_id, package_version_id, state, origin)
    SELECT n.id, v.id, 'installed', 'installed' FROM new_inventory n, package_version v
)
INSERT INTO holder (unit_id, inventory_id, assets, exposure, privileges, context, most, since)
SELECT u.id, n.id, 1, '{0,0,0,0,0,0,0,0}', '{0,0}', 0, 0, now() FROM unit u, new_inventory n
"""
AFTER = ("after_ecosystem", "after_name", "after_version", "after_id", "after_holder", "after_version_id")
MANY = """
INSERT INTO package (ecosystem, name)
SELECT (ARRAY['maven', 'npm', 'pypi', 'golang', 'deb'])[1 + g % 5],
    (ARRAY['org.example:part-', '@scope/part-', 'part_', 'example.com/part/v2-', 'part-'])[1 + g % 5] || g
FROM generate_series(1, 33334) g;
INSERT INTO package_version (key, package_id, version, purl, matchable)
SELECT decode(md5(p.id || '/' || n), 'hex'), p.id, n || '.0', 'pkg:x/' || p.id || '@' || n, true
FROM package p CROSS JOIN generate_series(1, 3) n
WHERE NOT EXISTS (SELECT FROM package_version v WHERE v.package_id = p.id);
INSERT INTO inventory (digest, packages) SELECT sha256(g::text::bytea), 50 FROM generate_series(1, 1000) g;
INSERT INTO inventory_package (inventory_id, package_version_id, state, origin)
SELECT n.id, n.id * 90 + g, 'installed', 'installed' FROM inventory n, generate_series(1, 90) g WHERE n.id > 1;
INSERT INTO asset (kind, key, name, first_seen, last_seen)
SELECT 'host', id, id, now(), now() FROM inventory WHERE id > 1;
INSERT INTO holder (unit_id, inventory_id, assets, exposure, privileges, context, most, since)
SELECT u.id, n.id, 1, '{0,0,0,0,0,0,0,0}', '{0,0}', 0, 0, now() FROM asset u JOIN inventory n ON u.key = n.id::text
"""


@pytest.fixture
def known(rows: Callable[..., list[tuple[object, ...]]]) -> Callable[..., list[tuple[object, ...]]]:
    """A database in which one host holds all that is `KNOWN`."""
    for number, (ecosystem, name, version) in enumerate(KNOWN):
        rows("INSERT INTO package (ecosystem, name) VALUES (%s, %s) ON CONFLICT DO NOTHING", ecosystem, name)
        rows(
            "INSERT INTO package_version (key, package_id, version, purl, matchable)"
            " SELECT %s, id, %s, %s, true FROM package WHERE ecosystem = %s AND name = %s",
            number.to_bytes(16), version, f"pkg:{ecosystem}/{name}@{version}", ecosystem, name,
        )  # fmt: skip
    rows(HELD)
    return rows


async def found(pool: Pool, name: str, version: str = "", **more: str) -> list[tuple[str, str]]:
    """Names and versions by the list of packages; that of places must say the same."""
    filter = Filter(name=name, version=version, **more)  # type: ignore[arg-type]
    async with pool.connection() as connection:
        listed = await packages.page(connection, EVERYTHING, filter, limit=100)
        places = await packages.places(connection, EVERYTHING, filter, limit=100)
    assert sorted(one.version_id for one in listed) == sorted(one.version_id for one in places)
    return [(one.name, one.version) for one in listed]


@pytest.mark.usefixtures("known")
async def test_a_package_is_found_by_its_whole_name_or_its_last_part(pool: Pool) -> None:
    for name, of in NAMES:
        assert {one for one, _ in await found(pool, name)} == of, name


@pytest.mark.usefixtures("known")
async def test_spellings_of_pypi_are_for_pypi_alone(pool: Pool) -> None:
    assert await found(pool, "flask", "=0.0.1") == [("flask", "0.0.1")]
    assert await found(pool, "open_ssl") == []
    assert await found(pool, "log4j_core") == []


@pytest.mark.usefixtures("known")
async def test_a_version_is_found_by_its_beginning_and_between_bounds(pool: Pool) -> None:
    for name, version, versions in VERSIONS:
        assert {one for _, one in await found(pool, name, version)} == versions, f"{name} {version}"


async def test_names_are_looked_up_and_not_searched_for(
    known: Callable[..., list[tuple[object, ...]]], pool: Pool, database: str
) -> None:
    """With 100,000 package versions in it: both indices are used, and nothing is read from front to end."""
    known(MANY)
    known("ANALYZE")
    assert known("SELECT count(*) FROM package_version")[0] > (100_000,)
    assert {one for one, _ in await found(pool, "log4j-core", "<2.14.1")} == {"org.apache.logging.log4j:log4j-core"}
    unset = (*("teams", "text", "ecosystems", "purl", "exactly", "begins", "below", "ids"), *AFTER)
    values = {**dict.fromkeys(unset), "name": "log4j-core", "pypi": "log4j-core", "limit": 50}
    with psycopg.connect(database, cursor_factory=psycopg.ClientCursor) as connection:
        for question in ("page", "places", "versions"):
            asking = "EXPLAIN (FORMAT JSON) " + packages._wanted(question)
            plan = json.dumps(connection.execute(asking, values).fetchone())
            assert {"package_last", "package_spelling"} <= set(re.findall(r'"Index Name": "(\w+)"', plan)), question
            read_whole = set(re.findall(r'"Seq Scan"[^{}]*?"Relation Name": "(\w+)"', plan))
            assert not read_whole & {"package", "package_version", "inventory_package"}, question

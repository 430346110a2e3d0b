from collections.abc import Callable
from pathlib import Path

import pytest

from rightshift.console.store.pool import Pool
from tests.console.derive import world

Rows = Callable[..., list[tuple[object, ...]]]
RELATIONS = """
    SELECT f.kind || ':' || f.name, t.kind || ':' || t.name, r.port, r.count
    FROM relation r JOIN asset f ON f.id = r.from_id JOIN asset t ON t.id = r.to_id
    WHERE r.kind = 'connects-to' ORDER BY 1, 2, 3
"""


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A feed that knows nothing."""
    world.grown(tmp_path / "feed", [])
    return tmp_path / "feed"


async def test_traffic_of_processes_is_that_of_what_they_lie_in(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    world.put_fact(database, "host:h1", name="one")
    world.put_fact(database, "host:h2", name="two", addresses=["10.0.0.2"])
    for number in range(2):
        world.put_fact(database, f"process:h1/b/{number}-1", parent="host:h1")
        world.put_connection(database, f"process:h1/b/{number}-1", "out", "10.0.0.2", 5432)
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("host:one", "host:two", 5432, 6)]


async def test_who_comes_from_outside_is_the_internet_and_who_is_called_has_a_name(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    world.put_fact(database, "container:c1", name="web")
    world.put_connection(database, "container:c1", "in", "8.8.8.8", 443)
    world.put_connection(database, "container:c1", "in", "9.9.9.9", 443)
    world.put_connection(database, "container:c1", "in", "10.9.9.9", 443)
    world.put_connection(database, "container:c1", "out", "8.8.4.4", 443, name="api.example.com")
    world.put_connection(database, "container:c1", "out", "1.1.1.1", 53)
    world.put_connection(database, "container:c1", "out", "127.0.0.1", 80)
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [
        ("container:web", "endpoint:1.1.1.1", 53, 3),
        ("container:web", "endpoint:api.example.com", 443, 3),
        ("endpoint:10.9.9.9", "container:web", 443, 3),
        ("internet:internet", "container:web", 443, 6),
    ]


async def test_an_address_that_two_have_is_nobodys(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    for name in ("one", "two"):
        world.put_fact(database, f"container:{name}", name=name, addresses=["172.17.0.2"])
    world.put_fact(database, "host:h1", name="host")
    world.put_connection(database, "host:h1", "out", "172.17.0.2", 80)
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("host:host", "endpoint:172.17.0.2", 80, 3)]


async def test_whose_address_it_is_may_be_learned_later(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    world.put_fact(database, "host:h1", name="host")
    world.put_connection(database, "host:h1", "out", "10.0.0.7", 80)
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("host:host", "endpoint:10.0.0.7", 80, 3)]
    world.put_fact(database, "pod:p1", name="web", addresses=["10.0.0.7"])
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("host:host", "pod:web", 80, 3)]
    assert rows("SELECT count(*) FROM asset WHERE kind = 'endpoint'") == [(0,)]


async def test_what_no_longer_hangs_together_goes(database: str, pool: Pool, rows: Rows, feed: Path) -> None:
    world.put_fact(database, "service:s1", name="web")
    for name in ("one", "two"):
        world.put_fact(database, f"pod:{name}", name=name)
        world.put_relation(database, "routes-to", "service:s1", f"pod:{name}")
    await world.derive(pool, feed)
    question = "SELECT t.name, r.ended IS NULL FROM relation r JOIN asset t ON t.id = r.to_id ORDER BY 1"
    assert rows(question) == [("one", True), ("two", True)]
    world.put_relation(database, "routes-to", "service:s1", "pod:one", ended=True)
    await world.derive(pool, feed)
    assert rows(question) == [("one", False), ("two", True)]
    rows("DELETE FROM relation_fact WHERE to_key = 'one'")
    rows("INSERT INTO dirty (what, kind, key) VALUES ('asset', 'service', 's1')")
    await world.derive(pool, feed)
    assert rows(question) == [("two", True)]


async def test_traffic_that_no_fact_shows_any_more_goes_with_who_was_only_there_for_it(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    world.put_fact(database, "host:h1", name="one", addresses=["10.0.0.1"])
    world.put_fact(database, "host:h2", name="two", addresses=["10.0.0.2"])
    world.put_connection(database, "host:h1", "out", "10.0.0.2", 80)
    world.put_connection(database, "host:h2", "in", "10.0.0.1", 80)
    world.put_connection(database, "host:h1", "out", "1.1.1.1", 53)
    await world.derive(pool, feed)
    assert len(rows(RELATIONS)) == 2
    rows("DELETE FROM connection_fact WHERE key = 'h1'")
    rows("INSERT INTO dirty (what, kind, key) VALUES ('asset', 'host', 'h1')")
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("host:one", "host:two", 80, 3)], "the other end shows it"
    assert rows("SELECT count(*) FROM asset WHERE kind = 'endpoint'") == [(0,)]
    rows("DELETE FROM connection_fact")
    rows("INSERT INTO dirty (what, kind, key) VALUES ('asset', 'host', 'h2')")
    await world.derive(pool, feed)
    assert rows(RELATIONS) == []


async def test_whoever_spoke_with_an_address_stays_seen_when_nobody_has_it_any_more(
    database: str, pool: Pool, rows: Rows, feed: Path
) -> None:
    world.put_fact(database, "container:web", name="web")
    world.put_fact(database, "container:client", name="client", addresses=["172.17.0.9"])
    world.put_connection(database, "container:web", "in", "172.17.0.9", 80)
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("container:client", "container:web", 80, 3)]
    world.put_fact(database, "container:client", name="client", addresses=["172.17.0.9"], ended=world.NOW)
    await world.derive(pool, feed)
    assert rows(RELATIONS) == [("endpoint:172.17.0.9", "container:web", 80, 3)]

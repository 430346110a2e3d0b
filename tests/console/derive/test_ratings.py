"""What KEV and EPSS say of an advisory changes its matches as if everything was matched again."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from rightshift.console.derive import feed as feeds
from rightshift.console.derive import generations, ratings
from rightshift.console.store.pool import Pool
from rightshift.model.advisory import Kev
from tests.console.derive import world
from tests.console.derive.test_matches import CONTENT, HIGH, LOW
from tests.feed.bucket import osv

Rows = Callable[..., list[tuple[object, ...]]]


def record(number: int, random: Random) -> dict[str, Any]:
    """One of a package, under its CVE's name, under another one, or on several CVEs."""
    cves = [f"CVE-2024-{1000 + number}"]
    if number % 5 == 0:
        cves.append(f"CVE-2024-{2000 + number}")
    fixed = ["fixed 3"] if number % 3 else []
    severity = random.choice([HIGH, LOW, []])
    name = f"p{number % 7}"
    return osv(f"GHSA-{number}", "PyPI", name, "introduced 0", *fixed, aliases=cves, severity=severity)


def heard(random: Random) -> tuple[dict[str, Kev], dict[str, float]]:
    """What the world says on a day."""
    names = [f"CVE-2024-{base + number}" for base in (1000, 2000) for number in range(30)]
    kev = {name: Kev("2024-02-01", random.random() < 0.5) for name in names if random.random() < 0.1}
    return kev, {name: random.random() for name in names if random.random() < 0.7}


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_rated_again_is_as_if_it_was_matched_again(
    seed: int, database: str, pool: Pool, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratings, "MOST", 5)
    random = Random(seed)
    records = [record(number, random) for number in range(30)]
    world.put_versions(database, [world.package("pypi", f"p{n}", version) for n in range(7) for version in "12"])
    world.grown(tmp_path, records)
    await world.match(pool, tmp_path)
    for _ in range(3):
        kev, epss = heard(random)
        world.grown(tmp_path, records, kev=kev, epss=epss)
        await world.match(pool, tmp_path)
    stepwise = rows(CONTENT)
    assert len({row[2] for row in stepwise}) > 3
    rows("TRUNCATE match, matched, looked_for, advisory CASCADE")
    rows("INSERT INTO dirty (what, which) SELECT 'package_version', id FROM package_version")
    await world.match(pool, tmp_path)
    assert rows(CONTENT) == stepwise


async def test_a_score_that_moved_matches_nothing_and_tells_who_has_it(
    database: str, pool: Pool, rows: Rows, tmp_path: Path
) -> None:
    known = [osv(f"GHSA-{n}", "PyPI", f"p{n}", "introduced 0", aliases=[f"CVE-2024-100{n}"]) for n in range(2)]
    versions = world.put_versions(database, [world.package("pypi", f"p{n}", "1") for n in range(2)])
    inventory = world.put_inventory(database, versions[:1], mark=False)
    world.grown(tmp_path, known, epss={"CVE-2024-1000": 0.1, "CVE-2024-1001": 0.1})
    await world.match(pool, tmp_path)
    rows("DELETE FROM dirty")
    world.grown(tmp_path, known, epss={"CVE-2024-1000": 0.9, "CVE-2024-1001": 0.1})
    async with pool.connection() as connection:
        with feeds.opened(tmp_path) as opened:
            await generations.take_up(connection, opened, world.NOW)
    assert rows("SELECT d.what, a.name FROM dirty d JOIN advisory a ON a.id = d.which") == [
        ("advisory", "CVE-2024-1000")
    ]
    await world.match(pool, tmp_path)
    assert rows("SELECT what, which FROM dirty") == [("inventory", inventory)]
    assert [row[:1] for row in rows("SELECT kind FROM event")] == [("match.changed",)]
    before, after = rows("SELECT detail -> 'before', detail -> 'after' FROM event")[0]
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert before < after
    assert rows("SELECT round(epss::numeric, 2)::float FROM match ORDER BY advisory_id") == [(0.9,), (0.1,)]

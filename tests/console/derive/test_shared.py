"""The real records: what is derived from one state and then the next equals what the next alone gives."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from rightshift.console.store.pool import Pool
from rightshift.feed import file
from rightshift.feed.lookup import Feed
from rightshift.model.ecosystem import OSV
from rightshift.model.package import Package
from tests.console.derive import world
from tests.console.derive.test_matches import CONTENT
from tests.feed import shared_feed

Rows = Callable[..., list[tuple[object, ...]]]
PURL_TYPES = {name: kind for kind, name in OSV.items()}
PACKAGES = 4_000


@pytest.mark.shared
@pytest.mark.prove
async def test_real_records_derived_in_two_steps_equal_those_derived_in_one(
    database: str, pool: Pool, rows: Rows, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    current, folder = shared_feed.built(tmp_path_factory), tmp_path / "feed"
    shared_feed.from_nothing(folder, "previous")
    world.put_versions(database, list(_packages(current)))
    await world.match(pool, folder, batch=1_000)
    with shared_feed.serving() as address:
        shared_feed.fetched(folder, address)
    await world.match(pool, folder, batch=1_000)
    stepwise = rows(CONTENT)
    events = rows("SELECT count(*) FROM event")
    rows("TRUNCATE match, matched, looked_for, advisory CASCADE")
    rows("INSERT INTO dirty (what, which) SELECT 'package_version', id FROM package_version")
    await world.match(pool, folder, batch=1_000)
    assert stepwise == rows(CONTENT)
    assert len(stepwise) > PACKAGES
    assert events > [(0,)]
    shutil.rmtree(folder)


def _packages(folder: Path) -> Iterator[Package]:
    """Names of which the records speak, each at a version that they name."""
    random = Random(1)
    with closing(sqlite3.connect(folder / file.FEED)) as database, Feed.open(folder) as feed:
        names = database.execute("SELECT ecosystem, name FROM package ORDER BY 1, 2").fetchall()
        random.shuffle(names)
        made = 0
        for ecosystem, name in names:
            kind = "deb" if ecosystem == "Debian" else PURL_TYPES.get(ecosystem)
            versions = sorted(
                {
                    version
                    for one in feed.affected(ecosystem, [name]).get(name, ())
                    for version in (*one.versions, *(text for each in one.ranges for _, text in each.events))
                }
            )
            if kind is None or not versions:
                continue
            yield world.package(kind, name, random.choice(versions))
            made += 1
            if made == PACKAGES:
                return

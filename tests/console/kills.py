"""
A process that takes numbered documents and is killed at random: what it acknowledged must be stored, and once.

`run` does it for as many kills as asked. Run as a program this is the process that is killed.
"""

import asyncio
import random
import select
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path

import psycopg

from rightshift.console.ingest import facts, scans
from rightshift.console.ingest.scans import Sent
from rightshift.console.store import identities
from rightshift.console.store import pool as pools
from rightshift.console.store.scope import EVERYTHING
from tests.console.documents import image, many
from tests.console.facts_client import START_MS, SyntheticSensor

NOW = datetime.fromtimestamp(START_MS / 1000, UTC) + timedelta(days=1)
PACKAGES = 40


@dataclass(slots=True)
class Outcome:
    """How many were acknowledged before the end, and how often the process was killed while at work."""

    acknowledged: int = 0
    kills: int = 0
    lost: list[int] = field(default_factory=list)


def run(database: str, kills: int, seed: int = 0) -> Outcome:
    """
    Starts the process on a migrated, empty database, kills it, looks, and starts it again where it was.

    After each kill all that was acknowledged must be there; whoever got no answer sends again.
    """
    chance, outcome = random.Random(seed), Outcome()
    asyncio.run(_enrol(database))
    for _ in range(kills):
        _once(database, outcome, chance)
    return outcome


def stored(database: str) -> tuple[int, int, int, int]:
    """Scans, distinct scans, the sequence of the sensor and the sum of the connections that it counted."""
    with psycopg.connect(database) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM scan), (SELECT count(DISTINCT document_id) FROM scan),"
            " (SELECT sequence FROM reporter WHERE kind = 'sensor'),"
            " (SELECT coalesce(sum(count), 0) FROM connection_fact)"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def counted(sequence: int) -> int:
    """The connections in the first so many documents of the sensor, each counted once."""
    return sum(sum(one.count for one in facts.decode(_document(at)).connections) for at in range(sequence))


def _once(database: str, outcome: Outcome, chance: random.Random) -> None:
    program = [sys.executable, "-m", "tests.console.kills", database, str(outcome.acknowledged)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(program, stdout=subprocess.PIPE, bufsize=0, cwd=root) as child:
        assert child.stdout is not None
        most = outcome.acknowledged + chance.randrange(1, 12)
        while outcome.acknowledged < most and (line := child.stdout.readline()):
            outcome.acknowledged = int(line)
        # somewhere in the middle of the next ones
        select.select([], [], [], chance.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().split():
            outcome.acknowledged = int(line)
    assert child.returncode == -signal.SIGKILL, "it ended by itself"
    outcome.kills += 1
    kept, distinct, sequence, count = stored(database)
    assert kept == distinct, "a scan is kept twice"
    outcome.lost += list(range(kept, outcome.acknowledged))
    # of each number the scan comes first, and at most the one under way is stored and was not acknowledged
    assert outcome.acknowledged <= kept <= outcome.acknowledged + 1
    assert max(outcome.acknowledged, 0) <= max(sequence, 0) <= kept
    assert count == counted(max(sequence, 0)), "connections are counted twice, or not at all"


async def _enrol(database: str) -> None:
    async with pools.opened(database, most=1, name="test") as pool, pool.connection() as connection:
        await identities.add_reporter(connection, SyntheticSensor(1).host, "sensor", "a sensor")


@cache
def _documents(count: int) -> tuple[bytes, ...]:
    sensor = SyntheticSensor(1, containers=3)
    return tuple(islice(iter(sensor.document, b""), count))


def _document(number: int) -> bytes:
    """The document with this number, from 0; they are made in hundreds."""
    return _documents((number // 100 + 1) * 100)[number]


async def _serve(database: str, start: int) -> None:
    """Takes documents from a number on, and says after each that it is kept."""
    async with pools.opened(database, most=2, name="test") as pool, pool.connection() as connection:
        found = await connection.execute("SELECT id FROM reporter WHERE kind = 'sensor'")
        row = await found.fetchone()
        assert row is not None
        for number in range(start, 10_000):
            scan = many(f"d{number}", image(number % 50), PACKAGES, start=number * 7 % 500)
            await scans.keep(connection, scans.prepare(scan, Sent(by="ci"), NOW), EVERYTHING, NOW)
            answer = await facts.keep(connection, row[0], facts.prepare(facts.decode(_document(number)), NOW), NOW)
            assert answer.want is None
            sys.stdout.write(f"{number + 1}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))

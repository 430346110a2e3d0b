"""What was acknowledged outlives any of the processes, is there once, and leads to the same conclusions."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.console.e2e import again
from tests.console.e2e.conftest import Estate, begun
from tests.console.e2e.console import Client, until
from tests.console.e2e.killing import PARTS, WITH_UP, Killer, Sender, Victim, counted

STUCK = """
SELECT a.application_name, l.locktype FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND a.application_name <> 'rightshift deriving'
UNION ALL SELECT application_name, state FROM pg_stat_activity
WHERE state LIKE 'idle in transaction%%' AND state_change < now() - interval '5 seconds'
"""


@pytest.mark.check("D01")
@pytest.mark.check("D02")
@pytest.mark.parametrize(
    ("kind", "victims", "kills"),
    [
        ("embedded", WITH_UP, len(WITH_UP)),
        pytest.param("embedded", PARTS, 200, marks=pytest.mark.prove),
        pytest.param("embedded", WITH_UP, 200, marks=pytest.mark.prove),
        pytest.param("replicas", PARTS[:4], 60, marks=pytest.mark.prove),
    ],
)
async def test_nothing_that_was_acknowledged_is_lost_and_nothing_is_there_twice(
    kind: str, victims: Sequence[Victim], kills: int, tmp_path: Path, database: str
) -> None:
    chance = random.Random(f"{kind} {kills}")
    (tmp_path / "scanned").mkdir()
    with begun(kind, tmp_path) as estate:
        sender = sender_of(estate, tmp_path / "scanned")
        killer = Killer(estate.console, sender, chance)
        short = kills == len(victims)
        # in short runs each has its turn, and no job, which would wait a minute for the lease of a worker that is gone
        with sender.sending("scans", "facts", *(() if short else ("jobs",))):
            for victim in victims if short else chance.choices(victims, k=kills):
                killer.kill(victim)
        rows = estate.console.rows
        until(
            "all jobs have ended", lambda: not rows("SELECT 1 FROM job_run WHERE state IN ('waiting', 'running')"), 400
        )
        until("all is derived", lambda: rows("SELECT count(*) FROM dirty") == [(0,)], 120)
        kept_once(estate, sender)
        until("nothing is held", lambda: not rows(STUCK))
        assert rows("SELECT * FROM set_aside") == []
        assert await again.differing(estate.console.database, database, estate.console.home / "feed") == {}
        assert sum(killer.kills.values()) == kills


def sender_of(estate: Estate, folder: Path) -> Sender:
    enrolled = estate.token(kind="enrolment", uses=1).post("/enrol", {"name": "node-1"})
    sensor = Client(estate.admin.url, {"Authorization": f"Bearer {enrolled['credential']}"})
    return Sender(estate, folder, enrolled["reporter"], sensor)


def kept_once(estate: Estate, sender: Sender) -> None:
    """All that was acknowledged, and of each document one."""
    rows = estate.console.rows
    scans = [id for (id,) in rows("SELECT document_id FROM scan")]
    assert len(scans) == len(set(scans))
    assert set(sender.scans) <= set(scans)
    ours = {id.replace("-", "") for id in sender.jobs}
    assert set(sender.scans) | ours == set(scans), "nothing is there that nobody sent"
    assert rows("SELECT sequence FROM reporter WHERE key = %s", sender.reporter) == [(len(sender.facts),)]
    assert rows("SELECT coalesce(sum(count), 0) FROM connection_fact") == [(counted(sender.facts),)]
    ends = dict(rows("SELECT id::text, state FROM job_run"))
    assert {ends[id] for id in sender.jobs} <= {"done"}
    assert rows("SELECT count(*) FROM procrastinate_jobs") == [(0,)]

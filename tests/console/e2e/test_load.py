"""The real console under the load that it is made for: nothing lost, nothing twice, all of it derived in the end."""

import pytest

from benchmarks import console_load
from benchmarks.console_load import Load, Outcome, percentile

SETTLED_S = 120.0
"""After a restart under load, answers are to be as quick as before from then on."""


def run(load: Load) -> Outcome:
    outcome = console_load.run(load)
    print(console_load.table(console_load.summary(outcome)))
    assert not outcome.differences
    assert outcome.sent == {"facts": len(outcome.facts_s), "scans": len(outcome.scans_s)}
    assert outcome.samples[-1].marks == 0
    return outcome


def test_all_that_is_acknowledged_is_stored_once_and_derived() -> None:
    outcome = run(Load(sensors=20, each_s=1, seconds=8, scans_per_minute=120, people=2, containers=4))
    assert outcome.sent["facts"] > 100
    assert outcome.sent["scans"] > 10
    assert outcome.reads_s
    assert not outcome.failed_reads


@pytest.mark.check("S20")
def test_a_restart_in_between_loses_nothing() -> None:
    outcome = run(Load(sensors=20, each_s=1, seconds=12, scans_per_minute=60, people=0, containers=2, restart_s=3))
    assert outcome.restarted_s is not None
    assert outcome.lost_connections > 0
    assert max(when for when, _ in outcome.facts_s) > outcome.restarted_s


@pytest.mark.prove
def test_500_sensors_and_50_scans_a_minute_are_answered_in_time() -> None:
    outcome = run(Load())
    assert percentile(outcome.facts_s, 0.95) < 0.5
    assert percentile(outcome.scans_s, 0.95) < 0.5
    reads = [one for kind, times in outcome.reads_s.items() if kind != "export" for one in times]
    assert percentile(reads, 0.95) < 0.2
    assert not outcome.refused
    assert not outcome.failed_reads


@pytest.mark.prove
@pytest.mark.check("S20")
def test_two_minutes_after_a_restart_all_are_answered_in_time() -> None:
    outcome = run(Load(seconds=300, restart_s=60))
    assert outcome.restarted_s is not None
    settled = outcome.restarted_s + SETTLED_S
    assert percentile(outcome.facts_s, 0.95, settled) < 1
    assert percentile(outcome.scans_s, 0.95, settled) < 1

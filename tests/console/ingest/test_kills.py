"""What was acknowledged outlives the process that said so, and nothing is kept twice."""

import pytest

from tests.console import kills


@pytest.mark.check("D01")
def test_a_process_that_is_killed_in_the_middle_loses_nothing_that_it_acknowledged(database: str) -> None:
    outcome = kills.run(database, 4, seed=1)
    assert outcome.kills == 4
    assert outcome.acknowledged >= 4
    assert not outcome.lost

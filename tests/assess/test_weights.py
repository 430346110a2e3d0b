"""Every number has a reason, and the code asks for no number that isn't there."""

from pathlib import Path

import pytest

from rightshift import assess
from rightshift.assess.weights import figure, points, weights


def test_every_weight_has_its_reason() -> None:
    assert len(weights()) > 40
    assert [name for name, weight in weights().items() if len(weight.why) < 5] == []


def test_a_name_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        points("threat.attack.X")


def test_numbers_of_points_are_whole() -> None:
    assert points("threat.floor.kev") == 40
    assert figure("threat.epss.power") == 9.5


def test_no_weight_is_left_unused() -> None:
    """A table is asked for by its name and a name within it; one that no code mentions weighs nothing."""
    code = "".join(path.read_text() for path in Path(next(iter(assess.__path__))).glob("*.py"))
    tables = {name.rpartition(".")[0] for name in weights()}
    assert [table for table in tables if f'"{table}.' not in code] == []

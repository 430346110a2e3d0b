"""Arch's order, where a separator counts."""

import pytest

from rightshift.versions import Unparsable, pacman
from tests.versions.ladder import assert_ladder

LADDER = """
1.0a
1.0alpha
1.0b
1.0beta
1.0rc
1.0 1.0-1 0:1.0-1
1.0-2
1.0-10
1.0.a
1.0.1a
1.0.1
1.0.1.1
1.0..1
1.1
1.10
2.0.r3.gabcdef-1
1:0.1-1
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(pacman.key, LADDER)


@pytest.mark.parametrize("version", ["", "1:", "1 2", "a:1", "1:2:3", "1/2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        pacman.key(version)

"""Versions whose builds count: Dart's and Julia's."""

import pytest

from rightshift.versions import Unparsable, pub
from tests.versions.ladder import assert_ladder

LADDER = """
0.9.0
1.0.0-dev.29
1.0.0-dev.30
1.0.0
1.0.0+0
1.0.0+1
1.0.0+2
1.0.0+10
1.0.0+a
1.0.1-0
1.0.1
7.1.2004+0
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(pub.key, LADDER)


@pytest.mark.parametrize("version", ["any", "^1.0.0", "1.0.0-"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        pub.key(version)

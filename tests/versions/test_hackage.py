"""Haskell's and GHC's versions."""

import pytest

from rightshift.versions import Unparsable, hackage
from tests.versions.ladder import assert_ladder

LADDER = """
0
0.1
0.1.0
1.0
1.0.0
1.0.0.0
1.8.4
1.9.1
1.9.1.0
1.10
6.20170818
9.2.4
9.10.1
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(hackage.key, LADDER)


@pytest.mark.parametrize("version", ["1.0-beta", "v1", "1.", "a", "1..2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        hackage.key(version)

"""The order of Ruby gems' versions."""

import pytest

from rightshift.versions import Unparsable, rubygems
from tests.versions.ladder import assert_ladder

LADDER = """
0.a
0.beta
0 0.0
0.0.0.1
0.1.a
0.9
1.a 1.0.a 1.0.0.a
1.a.1
1.a.2
1.a.10
1.b
1.0-x86 1.0.pre.x86
1.rc1 1.0.rc1
1.rc2
1.rc10
1 1.0 1.0.0
1.0.0.1
1.0.1.pre
1.0.1
1.9.3
1.10
5.2.4.5
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(rubygems.key, LADDER)


@pytest.mark.parametrize("version", ["a", "-1", "1..0", "1.", "1.0 pre", "~> 1.0", "1.ä", "1_0"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        rubygems.key(version)

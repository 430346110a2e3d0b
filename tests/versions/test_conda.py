"""The order of Conda packages' versions."""

import pytest

from rightshift.versions import Unparsable, conda
from tests.versions.ladder import assert_ladder

LADDER = """
0.4 0.4.0
0.4.1.rc 0.4.1.RC
0.4.1
0.5a1
0.5b3
0.5C1
0.5
0.9.6
0.960923
1.0
1.1dev1
1.1_
1.1a1
1.1.0dev1 1.1.dev1
1.1.a1
1.1.0rc1
1.1.0 1.1
1.1.0+1
1.1.0post1 1.1.post1
1.1post1
1996.07.12
1!0.4.1
1!3.1.1.6
2!0.4.1
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(conda.key, LADDER)


@pytest.mark.parametrize("version", ["", "1..0", "1.", "1!", "1+", "1 2", "ä", "a!1", ">=1"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        conda.key(version)

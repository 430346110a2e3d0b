"""Alpine's order."""

import pytest

from rightshift.versions import Unparsable, apk
from tests.versions.ladder import assert_ladder

LADDER = """
0.1_alpha
0.1
1.0_alpha
1.0_alpha1
1.0_alpha2
1.0_beta
1.0_pre1
1.0_rc1
1.0_rc1-r1
1.0_foo
1.0
1.0-r0
1.0-r1
1.0-r10
1.0~1234
1.0~1234-r1
1.0_cvs1
1.0_svn
1.0_git20200101
1.0_hg
1.0_p
1.0_p1
1.0_p1-r2
1.0_p19
1.0a_rc1
1.0a
1.0b
1.0.0
1.0.01
1.0.1
1.07
1.1
1.9
1.10
2.44-r3 02.44-r3
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(apk.key, LADDER)


@pytest.mark.parametrize("version", ["", "a", "v1", ".1", "_alpha", "1 2", "-r1", "ä1"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        apk.key(version)

"""rpm's order of epoch, version and release."""

import pytest

from rightshift.versions import Unparsable, rpm
from tests.versions.ladder import assert_ladder

LADDER = """
1.0~~
1.0~rc1
1.0~rc1^git1
1.0
1.0-0
1.0-1.el8 0:1.0-1.el8 :1.0-1.el8
1.0-1.el8_0
1.0-1.el9
1.0-2
1.0-10
1.0^
1.0^20160101~git1
1.0^20160101
1.0a 1.0.a
1.0.1 1.0_1 1.0.01
1.0.1a
1.0.1.1
1.0.2
1.10
4.18.0-553.27.1.el8_10
4.18.0-553.83.1.el8_10
5.14.0-70
1:0.1-1
3:10.5.16-2.module_el8.6.0+3072+3c630e87
12:1
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(rpm.key, LADDER)


@pytest.mark.parametrize("version", ["", ":", "1:", "1 2", "1:2:3", "a:1"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        rpm.key(version)

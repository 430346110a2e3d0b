"""Debian's order; where the tool is at hand, it is asked too."""

import shutil
import subprocess
from itertools import combinations

import pytest

from rightshift.versions import Unparsable, dpkg
from tests.versions.ladder import assert_ladder

LADDER = """
0~~
0~~a
0~
0 0:0 00 0-0
0a
0+
1.0~beta1~svn1245
1.0~beta1
1.0
1.0-0+deb12u1
1.0-1~bpo1
1.0-1
1.0-1+b1
1.0-1.1
1.0-2
1.0-10
1.0-a
1.0a-1
1.0+dfsg-1
1.0.0
1.0.1
1.2.3-4ubuntu5.1
1.2.3-4ubuntu5.10
1.10
2.36-9+deb12u4
2.36-9+deb12u10
12:1.0-1
100:0
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(dpkg.key, LADDER)


@pytest.mark.parametrize("version", ["", "-1 a", "1:", "a:1", ":1", "1.0-", "1_2", "1.0/2", "1 2", "ä", "x:1:2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        dpkg.key(version)


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not installed here")
def test_the_tool_has_the_same_order() -> None:
    versions = LADDER.split()[::3]
    for left, right in combinations(versions, 2):
        ours = "lt" if dpkg.key(left) < dpkg.key(right) else "eq" if dpkg.key(left) == dpkg.key(right) else "gt"
        asked = subprocess.run(["dpkg", "--compare-versions", left, ours, right], capture_output=True, check=False)
        assert asked.returncode == 0, f"{left} {ours} {right}"

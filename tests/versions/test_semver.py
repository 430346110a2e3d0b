"""The order of Semantic Versioning 2.0.0, and the spellings that are let through."""

import pytest

from rightshift.versions import Unparsable, semver
from tests.versions.ladder import assert_ladder

LADDER = """
0.0.0-0 0-0
0.0.0-a
0.0.0 0 v0.0 0.0.0+build
0.0.1-1
0.0.1-2
0.0.1-10 0.0.1-010
0.0.1-1a
0.0.1-a
0.0.1-a.1
0.0.1-a.b
0.0.1-b
0.0.1 v0.0.1 V0.0.1 =0.0.1 0.0.1.0
0.0.1.1
1.0.0-alpha
1.0.0-alpha.1
1.0.0-alpha.beta
1.0.0-beta 1.0.0beta
1.0.0-beta.2
1.0.0-beta.11
1.0.0-rc.1
1.0.0 1.0 1 1.0.0+20130313144700
1.9.0
1.10.0
1.11.0-0
1.11.0
2.0.0
100000000000000000000.0.0
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(semver.key, LADDER)


@pytest.mark.parametrize(
    "version",
    [
        "latest",
        "1.x",
        "1.0.0-",
        "1..0",
        ".1",
        "1.",
        "1.0.0 beta",
        "1.0.0-ä",
        "１.0",
        "1,0",
    ],
)
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        semver.key(version)

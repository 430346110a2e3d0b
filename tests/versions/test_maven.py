"""The order of Java artifacts' versions."""

import pytest

from rightshift.versions import Unparsable, maven
from tests.versions.ladder import assert_ladder

LADDER = """
alpha 0-alpha
0 0.0 0-ga 0.0.Final 0-0
0-sp
0.1
1-alpha 1.alpha 1.0-alpha 1.0.0.ALPHA
1-alpha-1-snapshot
1-alpha1 1-alpha-1 1a1 1.0.0-a1
1-alpha2
1-alpha10
1-beta
1-b2 1-beta-2
1-milestone
1-m1 1.0.0.M1
1-m11
1-rc 1-cr
1-rc1 1-CR1 1.0.0.CR1 1.0.0.RC1
1-SNAPSHOT 1.0-snapshot
1 1.0 1.0.0 1-ga 1.ga 1.0.0.RELEASE 1.0.Final 1-final 1.0.0-0
1-sp
1-sp2 1.sp2
1-abc
1-def
1-foo 1.foo 1.0.foo
1-foo-1 1.foo1
1-jre
1-1-snapshot
1-1
1-2
1-123
1.0.1
1.1
1.1-android
1.9
1.10
2.0.19.FINAL
4.3.0.RELEASE
9.0.0.M5
9.0.0.M18
20.0
20210101000000000000000000000000
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(maven.key, LADDER)


@pytest.mark.parametrize("version", ["", "${project.version}", "1 2", "[1,2)", "1/2", "ä", "a\nb"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        maven.key(version)

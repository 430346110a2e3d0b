"""The order of .NET packages' versions."""

import pytest

from rightshift.versions import Unparsable, nuget
from tests.versions.ladder import assert_ladder

LADDER = """
0.0.0
0.9.9.9
1.0.0-0
1.0.0-Alpha 1.0.0-ALPHA 1.0-alpha+x
1.0.0-alpha.1
1.0.0-alpha.beta
1.0.0-beta
1.0.0-beta.2
1.0.0-beta.11
1.0.0 1 1.0 1.0.0.0 01.0.00 1.0.0+build
1.0.0.1-pre
1.0.0.1
1.0.1
1.9
1.10
13.0.1
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(nuget.key, LADDER)


@pytest.mark.parametrize("version", ["v1.0", "1.0.0.0.0", "1.*", "[1.0,2.0)", "1.0.0-", "1.0.0-ä", "1 0"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        nuget.key(version)

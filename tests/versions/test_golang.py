"""Versions of modules, pseudo-versions, and releases of Go itself."""

import pytest

from rightshift.versions import Unparsable, golang
from tests.versions.ladder import assert_ladder

LADDER = """
v0.0.0-20181001234919-d1d327459406 0.0.0-20181001234919-d1d327459406
v0.0.0-20220716132853-b47438d36e3a
0.0.0
v1.2.3-0.20170728091144-b9099721d75f
v1.2.3-rc.1
1.2.3
v1.2.4-0.20200101000000-aaaaaaaaaaaa
1.20.0
1.21.0-0
1.21.0-rc.2 go1.21rc2
1.21.0-rc.10 go1.21rc10
1.21.0 go1.21 go1.21.0 v1.21.0
1.21.3 go1.21.3 v1.21.3+incompatible go1.21.3-fips
1.22.1
2.0.0+incompatible
9.9.2+incompatible
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(golang.key, LADDER)


@pytest.mark.parametrize("version", ["(devel)", "devel", "master", "go", "gotip", "go1.x", "goo1.2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        golang.key(version)

"""The order of Python's versions with all their spellings."""

import pytest

from rightshift.versions import Unparsable, pep440
from tests.versions.ladder import assert_ladder

LADDER = """
0.dev1
0
0.1 0.1.0 v0.1 0!0.1
1.0.dev1 1.0-dev1 1dev1 1.0DEV1
1.0.dev456
1.0a1.dev1
1.0a1 1.0.alpha.1 1.0-a1 1.0A1 1alpha1
1.0a2.dev456
1.0a12.dev456
1.0a12
1.0b1.dev456
1.0b2
1.0b2.post345.dev456
1.0b2.post345
1.0rc1.dev456
1.0rc1 1.0c1 1.0-preview-1 1.0_pre_1 1.0.rc1
1.0 1 1.0.0 01.0
1.0+abc.5
1.0+abc.7 1.0+ABC-7
1.0+5
1.0.post456.dev34
1.0.post456 1.0-456 1.0-r456 1.0.rev456
1.0.15
1.1.dev1
1.1
2026.4.2
1!0.5
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(pep440.key, LADDER)


@pytest.mark.parametrize(
    "version",
    [
        "",
        "latest",
        "1.0-alpha-beta",
        "-1",
        "1..0",
        "1.0+",
        "1.0+a..b",
        "0.1-bulbasaur",
        "1.0.0-NA",
        "1.0.x",
        "!1",
        "a1",
        "1,0",
        "１",
    ],
)
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        pep440.key(version)

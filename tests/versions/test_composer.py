"""The order of PHP packages' versions."""

import pytest

from rightshift.versions import Unparsable, composer
from tests.versions.ladder import assert_ladder

LADDER = """
0.1
1.0-dev 1.0.0.0-dev
1.0a1-dev
1.0a1 1.0-alpha1 1.0.0alpha.1
1.0a2
1.0b1 1.0-BETA1 1.0.0.0beta-1
1.0b2
1.0RC1 1.0rc1 v1.0-RC.1
1.0RC10
1.0 v1.0 1 1.0.0 1.0.0.0 1.0-stable 1.0+build 1.0@stable
1.0pl1 1.0-p1 1.0-patch1
1.0.0.1
1.0.1
1.4.0-alpha.2476
1.4.0-alpha.2478
1.9
1.10
2.0.x-dev
2.1
2.x-dev
3.0
999999999999999999999999999991
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(composer.key, LADDER)


@pytest.mark.parametrize("version", ["", "dev-main", "1.2.3.#", "^1.0", "1.0.foo", "a", "1.*", "1 2", "ä"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        composer.key(version)

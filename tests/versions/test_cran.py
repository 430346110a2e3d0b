"""R's versions."""

import pytest

from rightshift.versions import Unparsable, cran
from tests.versions.ladder import assert_ladder

LADDER = """
0.1
0.1.0
0.1-3 0.1.3
0.1-9
0.1-10
1.2.2
1.2.2-2 1.2.2.2
1.8
1.10
2.0
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(cran.key, LADDER)


@pytest.mark.parametrize("version", ["1.0a", "1.", "-1", "1.0--1", "R"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        cran.key(version)

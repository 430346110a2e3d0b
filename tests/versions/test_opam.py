"""OCaml packages' versions: Debian's order over the whole text."""

import pytest

from rightshift.versions import Unparsable, opam
from tests.versions.ladder import assert_ladder

LADDER = """
0.1~alpha
0.1
0.1a
0.1-a
0.1.0
4.04 4.4
4.04.2
4.07.0
4.14.4
5.4.1
v0.9
v0.16.1
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(opam.key, LADDER)


@pytest.mark.parametrize("version", ["1:2", "1 2", "ä", "a/b"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        opam.key(version)

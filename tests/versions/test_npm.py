"""npm's versions in order, and its range expressions."""

import pytest

from rightshift.versions import Unparsable, npm
from tests.versions.ladder import assert_ladder

LADDER = """
0.0.0-0
0.0.0
1.0.0-alpha
1.0.0-rc.1 1.0.0rc.1
1.0.0 v1.0.0 1.0.0+a
1.0.1
21.0.0-next.3
21.0.0
"""


def test_every_step_is_older_than_all_above_it() -> None:
    assert_ladder(npm.key, LADDER)


@pytest.mark.parametrize("version", ["latest", "*", "^1.0.0", "git+https://example.org/a", "1.0.0 || 2"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(Unparsable):
        npm.key(version)


@pytest.mark.parametrize(
    ("range_text", "inside", "outside"),
    [
        ("1.2.3", "1.2.3 v1.2.3 1.2.3+b", "1.2.4 1.2.3-a"),
        ("", "0.0.0 1.2.3", "1.2.3-a"),
        ("*", "0.0.0 1.2.3", "1.2.3-a x"),
        ("1.x", "1.0.0 1.9.9", "0.9.9 2.0.0 2.0.0-0"),
        ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 2.0.0-a 1.3.0-a"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.0.0 0.9.9", "1.0.0"),
        ("^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.4 1.2.3 1.9.0", "1.2.4-beta.2 1.2.3-beta.1"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
        ("~1", "1.0.0 1.9.9", "2.0.0"),
        ("~> 1.2", "1.2.0 1.2.9", "1.3.0"),
        (">1.2", "1.3.0", "1.2.9 1.2.0"),
        (">=1.2", "1.2.0 3.0.0", "1.1.9"),
        ("<1.2", "1.1.9", "1.2.0 1.2.0-a"),
        ("<=1.2", "1.2.9", "1.3.0 1.3.0-0"),
        (">*", "", "0.0.0 9.9.9"),
        ("1.2.3 - 2.3", "1.2.3 2.3.9", "2.4.0 1.2.2"),
        ("1.2 - 2.3.4", "1.2.0 2.3.4", "2.3.5"),
        (">=1 <2 || >=3", "1.5.0 3.0.0 9.0.0", "2.0.0 0.9.0"),
        (">=1.2.7   <1.3.0", "1.2.7 1.2.8", "1.2.6 1.3.0"),
        ("latest", "", "1.0.0"),
        ("^1.0.0 nonsense", "", "1.0.0"),
        ("nonsense || 1.0.0", "1.0.0", "1.0.1"),
    ],
)
def test_a_range_holds_what_npm_would_install(range_text: str, inside: str, outside: str) -> None:
    assert [version for version in inside.split() if not npm.satisfies(version, range_text)] == []
    assert [version for version in outside.split() if npm.satisfies(version, range_text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "^" * 100_000,
        "1.0.0 " * 50_000,
        " " * 100_000,
        "1.0.0 - " * 40,
        "||" * 50_000,
        "x" * 1_000,
        "1-" + "a-" * 450 + " ",
        "1" * 900,
        "1" + "." * 900,
    ],
)
def test_a_hostile_range_holds_nothing_and_takes_no_time(text: str) -> None:
    assert not npm.satisfies("1.0.0-a", text)

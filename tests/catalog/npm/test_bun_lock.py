"""What is read from `bun.lock`."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.npm import bun_lock
from tests.catalog.foreign import damaged

LOCK = b"""{
  "lockfileVersion": 1, // as text
  "packages": {
    "a": ["a@1.0.0", "", {}, "sha512-x"],
    "alias": ["@s/real@2.0.0", "", {}, "sha512-x"],
    "alias/a": ["a@1.0.0", "", {}, "sha512-x"],
    "fork": ["fork@github:o/fork#4f1c", {}, "o-fork-4f1c"],
    "tool": ["tool@workspace:packages/tool"],
  },
}"""


def test_each_package_once_without_the_version_of_an_address() -> None:
    assert [(p.name, p.version, p.origin) for p in bun_lock.read(LOCK)] == [
        ("a", "1.0.0", "registry"),
        ("@s/real", "2.0.0", "registry"),
        ("fork", "", "git"),
        ("tool", "", "local"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"packages": []}',
        b'{"packages": {"a": [1]}}',
        b'{"packages": {"a": "a@1"}}',
        b'{"packages": {"a": ["a"]}}',
    ],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(bun_lock.MalformedBunLock):
        list(bun_lock.read(content))


@given(st.binary(max_size=200) | damaged({"packages": {"a": ["a@1.0.0", "", {}, "x"]}}))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(bun_lock.MalformedBunLock):
        list(bun_lock.read(content))

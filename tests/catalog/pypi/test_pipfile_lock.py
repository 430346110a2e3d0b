"""What is read from `Pipfile.lock`."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.pypi import pipfile_lock
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

LOCK: dict[str, object] = {
    "_meta": {"pipfile-spec": 6},
    "develop": {"pytest": {"version": "==7.0"}, "a": {"version": "==1.0"}},
    "default": {
        "a": {"version": "==1.0", "index": "pypi"},
        "fork": {"git": "https://github.com/o/fork", "ref": "4f1c"},
        "here": {"path": ".", "editable": True},
    },
}


def test_what_runs_comes_first_and_the_rest_is_marked() -> None:
    found = [item for item in pipfile_lock.read(json.dumps(LOCK).encode()) if isinstance(item, Package)]
    assert [(p.name, p.version, p.origin, p.dev) for p in found] == [
        ("a", "1.0", "registry", False),
        ("fork", "", "git", False),
        ("here", "", "local", False),
        ("pytest", "7.0", "registry", True),
    ]


def test_a_bad_entry_costs_that_entry() -> None:
    found = list(pipfile_lock.read(b'{"default": {"a": {"version": "==1"}, "b": 1}, "develop": 2}'))
    assert [type(item) for item in found] == [Package, Gap, Gap]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": NaN}', b"\xff"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(pipfile_lock.MalformedPipfileLock):
        list(pipfile_lock.read(content))


@given(st.binary(max_size=200) | damaged(LOCK))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(pipfile_lock.MalformedPipfileLock):
        list(pipfile_lock.read(content))

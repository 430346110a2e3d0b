"""What is read from a `*.deps.json`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nuget import deps_json
from rightshift.errors import Malformed
from tests.catalog.foreign import damaged, documents


def test_packages_runtimes_and_projects() -> None:
    content = b"""{"runtimeTarget": {}, "libraries": {
      "App/1.0.0": {"type": "project"}, "A/2.0.0": {"type": "package"}, "NoVersion": {"type": "package"},
      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.1": {"type": "runtimepack"}}}"""
    assert [(p.name, p.version, p.origin, p.state) for p in deps_json.read(content)] == [
        ("App", "1.0.0", "local", "installed"),
        ("A", "2.0.0", "registry", "installed"),
        ("Microsoft.NETCore.App.Runtime.linux-x64", "6.0.1", "registry", "installed"),
    ]


@pytest.mark.parametrize("content", [b"", b"not\njson", b"{}", b'{"libraries": []}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(deps_json.read(content))


@given(
    st.binary(max_size=100)
    | damaged({"libraries": {"a/1": {"type": "package"}, "b/1": {"type": "project"}}})
    | documents("libraries", "a/1", "type", "project", "package")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(deps_json.read(content))

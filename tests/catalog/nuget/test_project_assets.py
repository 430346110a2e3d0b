"""What is read from a `project.assets.json`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nuget import project_assets
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents


def test_packages_and_no_projects() -> None:
    content = b"""{"version": 3, "libraries": {
      "A/2.0.0": {"type": "package"}, "App/1.0.0": {"type": "project"}, "B": {"type": "package"}}}"""
    assert list(project_assets.read(content)) == [
        Package(ecosystem="nuget", name="A", version="2.0.0", state="locked"),
        Gap("", "1 packages without name or version"),
    ]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"libraries": []}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(project_assets.read(content))


@given(
    st.binary(max_size=100)
    | damaged({"libraries": {"a/1": {"type": "package"}}})
    | documents("libraries", "a/1", "type", "project", "package")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(project_assets.read(content))

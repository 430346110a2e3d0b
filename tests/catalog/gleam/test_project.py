"""What is read from a `gleam.toml` and its `manifest.toml`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.gleam import project
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import lines

PROJECT = b"""
name = "app"
version = "1.0.0"
[dependencies]
gleam_stdlib = ">= 0.34.0 and < 2.0.0"
forked = { git = "https://git.example/forked", ref = "a8b3" }
mine = { path = "../mine" }
[dev-dependencies]
gleeunit = ">= 1.0.0"
"""
MANIFEST = b"""
packages = [
  { name = "gleam_stdlib", version = "0.40.0", build_tools = ["gleam"], source = "hex" },
  { name = "gleeunit", version = "1.2.0", source = "hex" },
  { name = "forked", version = "0.1.0", source = "git", repo = "https://git.example/forked" },
  { name = "mine", version = "1.0.0", source = "local", path = "../mine" },
  { name = "lost" },
]
"""


def test_what_is_asked_for_where_nothing_is_locked() -> None:
    found = project.read_group({"gleam.toml": PROJECT})
    assert [(p.name, p.version, p.origin, p.dev) for p in found if isinstance(p, Package)] == [
        ("gleam_stdlib", ">= 0.34.0 and < 2.0.0", "registry", False),
        ("forked", "", "git", False),
        ("gleeunit", ">= 1.0.0", "registry", True),
    ]


def test_what_is_locked_where_there_is_a_manifest() -> None:
    *packages, gap = project.read_group({"x/gleam.toml": PROJECT, "x/manifest.toml": MANIFEST})
    assert gap == Gap("x/manifest.toml", "1 packages without name or version")
    assert [(p.name, p.version, p.origin, p.dev, p.locations) for p in packages if isinstance(p, Package)] == [
        ("gleam_stdlib", "0.40.0", "registry", False, ("x/manifest.toml",)),
        ("gleeunit", "1.2.0", "registry", True, ("x/manifest.toml",)),
        ("forked", "0.1.0", "git", False, ("x/manifest.toml",)),
    ]


def test_a_manifest_of_some_other_tool_says_nothing() -> None:
    assert list(project.read_group({"manifest.toml": b"\xff"})) == []


@pytest.mark.parametrize("content", [b"a = ", b"dependencies = 1", b"\xff"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(project.read_group({"gleam.toml": content}))


@given(
    st.binary(max_size=100)
    | lines("[dependencies]", "[[packages]]", "name", "version", "source", '"hex"', "[]", "1", "{}"),
    st.binary(max_size=100) | lines("[[packages]]\n", "name", "version", "source", '="hex"', "=[]", "=1", "={}"),
)
def test_no_bytes_raise_anything_else(content: bytes, manifest: bytes) -> None:
    for members in ({"gleam.toml": content}, {"gleam.toml": b"", "manifest.toml": manifest}):
        with suppress(Malformed):
            list(project.read_group(members))


@pytest.mark.parametrize("source", ["[]", "{}", "1", '"other"'])
def test_a_source_that_is_none_is_unknown(source: str) -> None:
    content = f'packages = [{{ name = "a", version = "1", source = {source} }}]'
    (package,) = project.read_group({"gleam.toml": b"", "manifest.toml": content.encode()})
    assert isinstance(package, Package)
    assert package.origin == "unknown"

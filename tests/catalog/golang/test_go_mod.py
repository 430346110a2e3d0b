"""What is read from a `go.mod` and its `go.sum`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.golang import go_mod
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import lines

MOD = b"""
module example.com/app // the project itself

go 1.21

toolchain go1.22.3-company

require (
\texample.com/a v1.0.0
\t"example.com/quoted" v0.1.0 // indirect
)
require example.com/b/v2 v2.3.4

exclude example.com/a v0.9.0
replace example.com/b/v2 => example.com/fork v2.3.5
retract [v1.0.0, v1.1.0]
tool example.com/a/cmd/x
"""


def read(mod: bytes, sums: bytes | None = None) -> list[Package | Gap]:
    members = {"x/go.mod": mod} | ({"x/go.sum": sums} if sums is not None else {})
    return list(go_mod.read_group(members))


def named(found: list[Package | Gap]) -> list[tuple[str, str, str]]:
    return [(item.name, item.version, item.origin) for item in found if isinstance(item, Package)]


def test_required_modules_after_replacement_and_the_standard_library_of_the_toolchain() -> None:
    assert named(read(MOD)) == [
        ("example.com/a", "v1.0.0", "registry"),
        ("example.com/quoted", "v0.1.0", "registry"),
        ("example.com/fork", "v2.3.5", "registry"),
        ("stdlib", "1.22.3", "registry"),
    ]


def test_a_replacement_for_one_version_leaves_the_others() -> None:
    mod = b"require (\n a v1.0.0\n a v1.1.0\n)\nreplace a v1.0.0 => ../elsewhere\n"
    assert named(read(mod)) == [("../elsewhere", "", "local"), ("a", "v1.1.0", "registry")]


def test_an_excluded_version_is_not_there() -> None:
    assert named(read(b"require a v1.0.0\nexclude a v1.0.0\n")) == []


@pytest.mark.parametrize(("go", "more"), [("1.16", True), ("1.17", False), ("1.21", False)])
def test_before_go_1_17_the_sums_name_the_modules_of_dependencies(go: str, more: bool) -> None:
    sums = b"a v0.1.0 h1:x=\nb v0.1.0 h1:x=\nb v0.2.0 h1:x=\nb v0.3.0/go.mod h1:x=\nc v0.1.0/go.mod h1:x=\n"
    found = read(f"go {go}\nrequire a v1.0.0\n".encode(), sums)
    assert (("b", "v0.2.0", "registry") in named(found)) is more
    assert len(found) == 2 + more
    places = {item.name: item.locations for item in found if isinstance(item, Package)}
    assert places["a"] == ("x/go.mod",)
    assert places.get("b", ("x/go.sum",)) == ("x/go.sum",)


def test_sums_alone_say_nothing() -> None:
    assert list(go_mod.read_group({"go.sum": b"a v0.1.0 h1:x=\n"})) == []


def test_an_empty_file_has_no_modules() -> None:
    assert read(b"") == []


def test_a_line_that_is_not_understood_is_told_and_costs_no_other() -> None:
    found = read(b"require a v1.0.0\nrequire b\n")
    assert named(found) == [("a", "v1.0.0", "registry")]
    assert found[-1] == Gap("x/go.mod", "1 lines not understood, the first: require b")


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"<html>"], ids=["not text", "no directive"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read(content)


@given(st.binary(max_size=300) | lines("require", "replace", "exclude", "go", "toolchain", "=>", "v1.0.0", "a/b", "//"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        read(content, content)

"""Which `package.json` is an installed package, and what of it is read."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.index import index
from rightshift.catalog.npm import package_json
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.foreign import documents

PLACE = "app/node_modules/a/package.json"


def read(content: bytes, path: str = PLACE) -> list[Package]:
    return list(package_json.read_file(MemoryFile(path, content)))


def test_name_version_and_licence_of_an_installed_package() -> None:
    content = b'{"name": "@s/a", "version": "v1.2.0", "license": "MIT", "dependencies": {"b": "^2.0.0"}}'
    assert [(p.purl, p.state, p.licenses) for p in read(content)] == [("pkg:npm/%40s/a@1.2.0", "installed", ("MIT",))]


@pytest.mark.parametrize(
    ("licence", "names"),
    [
        ('"license": {"type": "ISC"}', ("ISC",)),
        ('"license": [{"type": ""}, {"type": "MIT"}]', ("MIT",)),
        ('"licenses": [{"type": "MIT"}, "BSD"]', ("MIT", "BSD")),
        ('"license": {"foo": 1}', ()),
        ('"license": 7', ()),
    ],
)
def test_old_forms_of_a_licence(licence: str, names: tuple[str, ...]) -> None:
    assert read(f'{{"name": "a", "version": "1", {licence}}}'.encode())[0].licenses == names


def test_a_manifest_without_name_or_version_helps_a_loader_and_is_no_package() -> None:
    assert [read(content) for content in (b'{"type": "module"}', b'{"name": "a"}', b'{"name": 1, "version": 2}')] == [
        []
    ] * 3


def test_what_npm_fetched_from_git_is_marked() -> None:
    content = b'{"name": "a", "version": "1", "_resolved": "git+ssh://git@github.com/o/a.git#4f1c"}'
    assert read(content)[0].origin == "git"


def test_bytes_that_npm_tolerates_cost_nothing() -> None:
    for content in (
        b'\xef\xbb\xbf{"name": "a", "version": "1"}',
        '{"name": "a", "version": "1"}'.encode("utf-16"),
        b'{"name": "a", "version": "1", "author": "\xe9"}',
        rb'{"name": "a", "version": "1", "author": "\ud800"}',
    ):
        assert [p.name for p in read(content)] == ["a"]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("node_modules/a/package.json", True),
        ("app/node_modules/@s/a/package.json", True),
        ("node_modules/a/node_modules/b/package.json", True),
        ("node_modules/.pnpm/b@1.0.0/node_modules/b/package.json", True),
        ("usr/share/nodejs/@s/a/package.json", True),
        ("node_modules/a/dist/compiled/b/package.json", True),
        ("node_modules/a/dist/compiled/@s/b/package.json", True),
        ("node_modules/a/dist/compiled/b/lib/package.json", False),
        ("node_modules/a/dist/esm/package.json", False),
        ("node_modules/a/lib/b/package.json", False),
        ("app/package.json", False),
    ],
)
def test_only_directly_below_a_name(path: str, wanted: bool) -> None:
    assert (package_json.FORMAT in index(["npm"]).of(path)) is wanted


@pytest.mark.parametrize(
    ("name", "path", "wanted"),
    [
        ("@s/b", "node_modules/a/dist/compiled/@s/b/package.json", True),
        ("b", "node_modules/a/dist/compiled/b/package.json", True),
        ("b", "node_modules/a/dist/compiled/other/package.json", False),
        ("b", "node_modules/a/dist/compiled/c/node_modules/b/package.json", True),
        ("a", "node_modules/alias/package.json", True),
    ],
)
def test_a_copy_in_another_package_lies_below_its_own_name(name: str, path: str, wanted: bool) -> None:
    assert bool(read(f'{{"name": "{name}", "version": "1.0.0"}}'.encode(), path)) is wanted
    assert read(f'{{"name": "{name}"}}'.encode(), path) == []


def test_the_test_data_of_a_package_is_not_installed() -> None:
    content = b'{"name": "b", "version": "1"}'
    assert read(content, "node_modules/a/test/fixtures/node_modules/b/package.json") == []
    assert len(read(content, "node_modules/test/node_modules/b/package.json")) == 1


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b'{"name": "\xe9", "version": "1"}', b'{"a": NaN}', b'{"a":' * 9_999]
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(package_json.MalformedPackageJson):
        read(content)


@given(st.binary(max_size=200) | documents("name", "version", "license", "licenses", "type", "_resolved"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(package_json.MalformedPackageJson):
        read(content)

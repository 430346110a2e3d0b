"""What is read from the folders that installers leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.index import index
from rightshift.catalog.pypi import installed, metadata
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

METADATA = b"""Metadata-Version: 2.1
Name: Flask_Thing
Version: 2.0.1
License: BSD-3-Clause
Classifier: License :: OSI Approved :: BSD License
Requires-Dist: Werkzeug (>=2.0)

Name: prose
Version: 9
"""


def read(members: dict[str, bytes]) -> list[Package | Gap]:
    return list(installed.read_group(members))


def test_the_name_as_written_and_nothing_from_the_prose() -> None:
    path = "lib/Flask_Thing-2.0.1.dist-info/METADATA"
    (found,) = read({path: METADATA})
    assert isinstance(found, Package)
    assert (found.name, found.version, found.purl) == ("Flask_Thing", "2.0.1", "pkg:pypi/flask-thing@2.0.1")
    assert (found.evidence, found.licenses, found.locations) == ("metadata", ("BSD-3-Clause",), (path,))


@pytest.mark.parametrize(
    ("lines", "licenses"),
    [
        (b"License-Expression: MIT OR Apache-2.0\nLicense: x", ("MIT OR Apache-2.0",)),
        (b"License: " + b"text " * 50 + b"\nClassifier: License :: OSI Approved :: MIT License", ("MIT License",)),
        (b"License: UNKNOWN", ()),
    ],
)
def test_the_licence_that_is_a_name(lines: bytes, licenses: tuple[str, ...]) -> None:
    assert metadata.package(b"Name: a\nVersion: 1\n" + lines + b"\n\n").licenses == licenses


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (b'{"url": "https://github.com/o/a", "vcs_info": {"vcs": "git", "commit_id": "4f1c"}}', "git"),
        (b'{"url": "file:///src/a", "dir_info": {"editable": true}}', "local"),
        (b'{"url": "file:///tmp/a-1-py3-none-any.whl", "archive_info": {}}', "local"),
        (b'{"url": "https://files.example.org/a-1.whl", "archive_info": {}}', "url"),
    ],
)
def test_where_it_was_installed_from(url: bytes, origin: str) -> None:
    (found,) = read({"a.dist-info/METADATA": METADATA, "a.dist-info/direct_url.json": url})
    assert isinstance(found, Package)
    assert found.origin == origin


def test_a_broken_address_is_a_loss_beside_the_package() -> None:
    found = read({"a.dist-info/METADATA": METADATA, "a.dist-info/direct_url.json": b"{"})
    assert [type(item) for item in found] == [Gap, Package]


def test_what_pip_moved_aside_is_no_package() -> None:
    assert read({"lib/~lask-2.0.1.dist-info/METADATA": METADATA}) == []


@pytest.mark.parametrize("content", [b"", b"\n\nName: a\nVersion: 1", b"Name: a\n", b"Version: 1\n", b"\xff\x00"])
def test_a_header_without_name_or_version_is_a_loss(content: bytes) -> None:
    assert [type(item) for item in read({"a.dist-info/METADATA": content})] == [Gap]


@pytest.mark.parametrize(
    "path",
    [
        "a-1.dist-info/METADATA",
        "x/dist-info/METADATA",
        "x/DIST-INFO/METADATA",
        "a-1.egg-info/PKG-INFO",
        "lib/a-1-py3.11.egg-info",
        "a-1.egg/EGG-INFO/PKG-INFO",
    ],
)
def test_where_descriptions_lie(path: str) -> None:
    assert installed.FORMAT in index(["pypi"]).of(path)


def test_files_of_one_distribution_belong_together() -> None:
    assert installed.group("lib/a.dist-info/METADATA") == installed.group("lib/a.dist-info/direct_url.json")
    assert installed.group("lib/a.egg-info") != installed.group("lib/b.egg-info")


@given(st.binary(max_size=200), st.binary(max_size=100))
def test_no_bytes_raise(content: bytes, url: bytes) -> None:
    read({"a.dist-info/METADATA": content, "a.dist-info/direct_url.json": url})

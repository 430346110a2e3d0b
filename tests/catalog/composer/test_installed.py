"""What is read from Composer's `installed.json`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.composer import installed
from rightshift.errors import Malformed
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents


def test_a_list_of_composer_1_and_an_object_of_composer_2() -> None:
    old = installed.read(b'[{"name": "a/b", "version": "1.0"}]')
    new = installed.read(b'{"packages": [{"name": "a/b", "version": "1.0"}], "dev": true, "dev-package-names": []}')
    expected = [Package(ecosystem="composer", name="a/b", version="1.0", state="installed", origin="unknown")]
    assert list(old) == list(new) == expected


def test_packages_for_development_are_marked() -> None:
    content = b'{"packages": [{"name": "a/b", "version": "1.0"}], "dev-package-names": ["a/b", 7]}'
    assert [item.dev for item in installed.read(content) if isinstance(item, Package)] == [True]


@pytest.mark.parametrize("content", [b"", b"{}", b'{"packages": 1}', b"7"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(installed.read(content))


@given(
    st.binary(max_size=100)
    | damaged({"packages": [{"name": "a/b", "version": "1", "license": []}], "dev-package-names": ["a/b"]})
    | documents("packages", "dev-package-names", "name", "version", "dist", "type")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(installed.read(content))

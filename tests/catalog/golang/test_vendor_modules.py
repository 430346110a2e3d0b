"""What is read from a `vendor/modules.txt`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.golang import vendor_modules
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

MODULES = b"""\
# example.com/a v1.0.0
## explicit; go 1.21
example.com/a/x
example.com/a/y
# example.com/only-needed-elsewhere v1.0.0
## explicit
# example.com/b v1.0.0 => example.com/fork v1.1.0
example.com/b
# example.com/c v1.0.0 => ./c
example.com/c
# example.com/b => example.com/fork v1.1.0
"""


def test_modules_with_a_package_after_replacement_each_once() -> None:
    assert [(p.name, p.version, p.origin) for p in vendor_modules.read(MODULES)] == [
        ("example.com/a", "v1.0.0", "registry"),
        ("example.com/fork", "v1.1.0", "registry"),
        ("example.com/c", "v1.0.0", "local"),
    ]


def test_an_empty_file_has_no_modules() -> None:
    assert list(vendor_modules.read(b"\n")) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"some words"], ids=["not text", "no module"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(vendor_modules.read(content))


@given(st.binary(max_size=300) | lines("# ", "## explicit", "=>", "v1.0.0", "a.b/c"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(vendor_modules.read(content))

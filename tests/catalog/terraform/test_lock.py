"""What is read from a `.terraform.lock.hcl`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.terraform import lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import lines

LOCK = b"""\
# This file is maintained automatically.
provider "registry.example/hashicorp/aws" {
  version     = "5.31.0"
  constraints = "~> 5.0"
  hashes = ["h1:x="]
}

provider "registry.example/acme/lost" {
}
"""


def test_providers_by_their_whole_address() -> None:
    assert list(lock.read(LOCK)) == [
        Package(ecosystem="terraform", name="registry.example/hashicorp/aws", version="5.31.0", state="locked"),
        Gap("", "1 providers without a version"),
    ]


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n"])
def test_no_providers(content: bytes) -> None:
    assert list(lock.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"words"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(lock.read(content))


@given(st.binary(max_size=100) | lines('provider "a" {', 'version = "1"', "}", "#"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(lock.read(content))

"""What is read from opkg's status, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.debian import stanza
from rightshift.catalog.opkg import status
from rightshift.model.package import Package

STATUS = b"""Package: busybox
Version: 1.36.1-r2
Status: install user installed
Architecture: x86_64

Package: kmod-usb
Version: 6.6-r1
Status: install ok unpacked
"""


def test_what_is_installed_by_the_user_or_by_others() -> None:
    assert [(p.purl, p.arch) for p in status.read(STATUS) if isinstance(p, Package)] == [
        ("pkg:opkg/busybox@1.36.1-r2?arch=x86_64", "x86_64")
    ]


def test_what_has_no_stanza_at_all_is_malformed() -> None:
    with pytest.raises(stanza.MalformedStatus):
        list(status.read(b"asdf\n\nyolo\n"))


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(stanza.MalformedStatus):
        list(status.read(content))

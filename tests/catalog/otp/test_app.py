"""What is read from an Erlang `*.app`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.otp import app
from rightshift.errors import Malformed
from tests.catalog.foreign import lines


@pytest.mark.parametrize("name", [b"rabbit", b"'rabbit'"])
def test_the_application_with_its_version(name: bytes) -> None:
    content = b'%% {vsn, "0.0.1"}\n{application, ' + name + b', [\n\t{description, "x"},\n\t{vsn, "3.12.10"}\n]}.\n'
    assert [p.purl for p in app.read(content)] == ["pkg:otp/rabbit@3.12.10"]


@pytest.mark.parametrize("content", [b"", b"\xff", b"{application, x, []}.", b'{vsn, "1"}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(app.MalformedApp):
        list(app.read(content))


@given(st.binary(max_size=100) | lines("{application", "{vsn", '"1"', "a", "}"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(app.read(content))

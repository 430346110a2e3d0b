"""What is read from a `rebar.lock`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.hex import rebar_lock
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

LOCK = b"""\
{"1.2.0",
[{<<"certifi">>,{pkg,<<"certifi">>,<<"2.9.0">>},1},
 {<<"mine">>,{pkg,<<"theirs">>,<<"1.0.0">>, <<"hash">>},0},
 {<<"swc">>,
  {git,"https://git.example/swc.git",
       {ref,"4835239dca5a5f4ac7202dd94d7effcaa617d575"}},
  0}]}.
[{pkg_hash,[{<<"certifi">>, <<"6F2A">>}]}].
"""


def test_packages_by_their_name_on_hex_and_those_from_git() -> None:
    assert [(p.name, p.version, p.origin) for p in rebar_lock.read(LOCK)] == [
        ("certifi", "2.9.0", "registry"),
        ("theirs", "1.0.0", "registry"),
        ("swc", "4835239dca5a5f4ac7202dd94d7effcaa617d575", "git"),
    ]


@pytest.mark.parametrize("content", [b"", b"[].\n"])
def test_an_empty_list_has_no_packages(content: bytes) -> None:
    assert list(rebar_lock.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"words"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(rebar_lock.read(content))


@given(st.binary(max_size=100) | lines("[{", '<<"a">>,', "{pkg,", '{ref,"1"}', "{git,"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(rebar_lock.read(content))

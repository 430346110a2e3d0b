"""What is read from a `Gemfile.lock`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.gem import gemfile_lock
from rightshift.errors import Malformed
from tests.catalog.foreign import lines

LOCK = b"""\
GIT
  remote: https://git.example/x.git
  revision: 4f1c
  specs:
    x (0.1.0)

PATH
  remote: vendor/y
  specs:
    y (1.2)
      rack

GEM
  remote: https://gems.example/
  specs:
    nokogiri (1.13.3)
      racc (~> 1.4)
    nokogiri (1.13.3-x86_64-linux)
    rack (3.0.0.rc1)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  rack (~> 3.0)

BUNDLED WITH
   2.2.28
"""


def test_gems_of_all_sources_once_whatever_the_platform() -> None:
    assert [(p.purl, p.origin) for p in gemfile_lock.read(LOCK)] == [
        ("pkg:gem/x@0.1.0", "git"),
        ("pkg:gem/y@1.2", "local"),
        ("pkg:gem/nokogiri@1.13.3", "registry"),
        ("pkg:gem/rack@3.0.0.rc1", "registry"),
    ]


def test_windows_line_ends_change_nothing() -> None:
    assert list(gemfile_lock.read(LOCK.replace(b"\n", b"\r\n"))) == list(gemfile_lock.read(LOCK))


def test_no_section_of_gems_is_no_gems() -> None:
    assert list(gemfile_lock.read(b"PLATFORMS\n  ruby\n\nDEPENDENCIES\n")) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"{}"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(gemfile_lock.read(content))


@given(st.binary(max_size=100) | lines("GEM", "GIT", "  specs:", "    a (1)", "-", "PLATFORMS"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(gemfile_lock.read(content))

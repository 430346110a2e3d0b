"""What is read from a `*.rockspec`, and what is refused. Nothing of it is run."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.luarocks import rockspec
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.foreign import lines

SPEC = b"""\
local name = "LuaSyslog"
local _version, revision = "x", 1
local version_ = '2.0.1'
package = name
version = version_.."-".. [[1]]
source = { url = "git://"..name, tag = (version ~= "dev") and version or nil }
description = {
   license = "MIT/X11",
   version = "not this one",
}
"""


def read(content: bytes, path: str = "x.rockspec") -> list[Package]:
    return list(rockspec.read_file(MemoryFile(path, content)))


def test_name_and_version_put_together() -> None:
    (rock,) = read(SPEC)
    assert (rock.purl, rock.name, rock.state, rock.licenses) == (
        "pkg:luarocks/luasyslog@2.0.1-1",
        "LuaSyslog",
        "locked",
        ("MIT/X11",),
    )


def test_in_a_tree_of_luarocks_it_is_installed() -> None:
    assert read(SPEC, "usr/local/lib/luarocks/rocks-5.1/luasyslog/2.0.1-1/x.rockspec")[0].state == "installed"


def test_strings_that_double_end() -> None:
    doubling = b'a = "0123456789"\n' + b"a = a .. a\n" * 64
    with pytest.raises(rockspec.MalformedRockspec):
        read(doubling + b'package = "x"\nversion = b\n')


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b'package = "x"\n', b'package = "x"\nversion = os.getenv("V")\n', b'package = "x"\nversion = f()\n'],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(rockspec.MalformedRockspec):
        read(content)


@given(st.binary(max_size=100) | lines("package", "version", "..", '"a"', "local ", "[[", "]]"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        read(content)

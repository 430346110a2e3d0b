"""What is read from `yarn.lock` of Yarn 1 and of berry."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.npm import yarn_lock
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

CLASSIC = b"""# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@^1.1.0":
  version "1.2.0"
  resolved "https://registry.example.org/@s/a/-/a-1.2.0.tgz#4f1c"
  integrity sha512-x
  dependencies:
    version "^9.0.0"

alias@npm:real@^2.0.0:
  version "2.1.0"

"fork@git+https://github.com/o/fork.git":
  version "3.0.0"
  resolved "git+https://github.com/o/fork.git#4f1c"

plain@~1.0.0, plain@^1.0.0:
  version "1.0.1"
"""

BERRY = b"""__metadata:
  version: 8
  cacheKey: 10c0

"app@workspace:.":
  version: 0.0.0-use.local
  resolution: "app@workspace:."

"@me/tool@workspace:^, @me/tool@workspace:tool":
  version: 0.0.0-use.local
  resolution: "@me/tool@workspace:tool"
  dependencies:
    version: "npm:^9.0.0"

"alias@npm:real@^2.0.0":
  version: 2.1.0
  resolution: "real@npm:2.1.0"

"typescript@patch:typescript@npm%3A^5.0.0#optional!builtin<compat/typescript>":
  version: 5.0.4
  resolution: "typescript@patch:typescript@npm%3A5.0.4#optional!builtin<compat/typescript>::version=5.0.4&hash=b5f058"

"fork@https://github.com/o/fork.git#4f1c":
  version: 3.0.0+git
  resolution: "fork@https://github.com/o/fork.git#commit=4f1c"
"""


def read(content: bytes) -> list[tuple[str, str, str]]:
    return [(p.name, p.version, p.origin) for p in yarn_lock.read(content) if isinstance(p, Package)]


def test_yarn_1_names_a_package_by_what_was_asked_for() -> None:
    assert read(CLASSIC) == [
        ("@s/a", "1.2.0", "registry"),
        ("real", "2.1.0", "registry"),
        ("fork", "3.0.0", "git"),
        ("plain", "1.0.1", "registry"),
    ]


def test_berry_names_it_by_its_resolution_and_leaves_the_project_out() -> None:
    assert read(BERRY) == [
        ("@me/tool", "0.0.0-use.local", "local"),
        ("real", "2.1.0", "registry"),
        ("typescript", "5.0.4", "registry"),
        ("fork", "3.0.0+git", "git"),
    ]


def test_windows_line_ends_are_as_good() -> None:
    assert read(CLASSIC.replace(b"\n", b"\r\n")) == read(CLASSIC)


def test_an_entry_without_a_version_is_a_loss_beside_the_others() -> None:
    found = list(yarn_lock.read(b'a@^1:\n  resolved "x"\n\nb@^1:\n  version "1.0.0"\n'))
    assert [type(item) for item in found] == [Package, Gap]


@pytest.mark.parametrize("content", [b"\xff", b"<<<<<<< HEAD\n", b"{}", b"a b\n", b'"a@1:\n', b"\ta:\n"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(yarn_lock.MalformedYarnLock):
        list(yarn_lock.read(content))


@given(st.binary(max_size=200) | st.text(" \"\n:@a^-?,\\#'version", max_size=200).map(str.encode))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(yarn_lock.MalformedYarnLock):
        list(yarn_lock.read(content))

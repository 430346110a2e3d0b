"""What is read from `pnpm-lock.yaml` of each version."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.npm import pnpm_lock

FIVE = b"""lockfileVersion: 5.4

dependencies:
  a: 1.0.0

packages:

  /a/1.0.0:
    resolution: {integrity: sha512-x}
    dependencies:
      b: 2.0.0
    dev: false

  /@s/b/2.0.0_a@1.0.0:
    resolution: {integrity: sha512-x}
    dev: true

  github.com/o/fork/4f1c:
    resolution: {tarball: https://codeload.github.com/o/fork/tar.gz/4f1c}
    name: fork
    version: 3.0.0
    optional: true
"""

SIX = b"""lockfileVersion: '6.0'

packages:

  /a@1.0.0:
    resolution: {integrity: sha512-x}

  /@s/b@2.0.0(a@1.0.0):
    resolution: {integrity: sha512-x}
"""

NINE = b"""lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0(p@5.0.0)
    devDependencies:
      lint:
        specifier: ^2.0.0
        version: 2.0.0

packages:

  a@1.0.0:
    resolution: {integrity: sha512-x}
    peerDependencies:
      p: ^5.0.0

  '@s/needed@3.0.0':
    resolution: {integrity: sha512-x}

  lint@2.0.0:
    resolution: {integrity: sha512-x}

  p@5.0.0:
    resolution: {integrity: sha512-x}

  fork@https://codeload.github.com/o/fork/tar.gz/4f1c:
    resolution: {tarball: https://codeload.github.com/o/fork/tar.gz/4f1c}
    version: 4.0.0

snapshots:

  a@1.0.0(p@5.0.0):
    dependencies:
      '@s/needed': 3.0.0
      p: 5.0.0
    optionalDependencies:
      fork: https://codeload.github.com/o/fork/tar.gz/4f1c

  '@s/needed@3.0.0': {}

  lint@2.0.0:
    dependencies:
      a: 1.0.0(p@5.0.0)

  p@5.0.0: {}

  fork@https://codeload.github.com/o/fork/tar.gz/4f1c:
    optional: true
"""


def read(content: bytes) -> list[tuple[str, str, str, bool, bool]]:
    return [(p.name, p.version, p.origin, p.dev, p.optional) for p in pnpm_lock.read(content)]


def test_version_5_has_a_slash_before_the_version() -> None:
    assert read(FIVE) == [
        ("a", "1.0.0", "registry", False, False),
        ("@s/b", "2.0.0", "registry", True, False),
        ("fork", "3.0.0", "git", False, True),
    ]


def test_version_6_has_an_at_and_peers_in_brackets() -> None:
    assert read(SIX) == [("a", "1.0.0", "registry", False, False), ("@s/b", "2.0.0", "registry", False, False)]


def test_version_9_tells_by_its_links_what_runs() -> None:
    assert read(NINE) == [
        ("a", "1.0.0", "registry", False, False),
        ("@s/needed", "3.0.0", "registry", False, False),
        ("lint", "2.0.0", "registry", True, False),
        ("p", "5.0.0", "registry", False, False),
        ("fork", "4.0.0", "git", False, True),
    ]


def test_a_long_path_stands_behind_a_question_mark() -> None:
    content = (
        b"packages:\n\n  ? /a@1.0.0(" + b"p@1.0.0" * 200 + b")\n  : resolution: {integrity: sha512-x}\n    dev: true\n"
    )
    assert read(content) == [("a", "1.0.0", "registry", True, False)]


@pytest.mark.parametrize(
    "content", [b"\xff", b"packages:\n\n  nothing:\n    dev: true\n", b"[[[[", b"!!python/x y", b"a: &a [*a]\n*a\n"]
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(pnpm_lock.MalformedPnpmLock):
        list(pnpm_lock.read(content))


@given(
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "packages:",
                "snapshots:",
                "importers:",
                "/a@1.0.0:",
                "a/1:",
                "version: 1",
                "dependencies:",
                "resolution: {",
                "? x",
                ": y",
                "'q",
            ]
        ).flatmap(lambda line: st.integers(0, 4).map(lambda depth: "  " * depth + line)),
        max_size=12,
    ).map(lambda lines: "\n".join(lines).encode())
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(pnpm_lock.MalformedPnpmLock):
        list(pnpm_lock.read(content))

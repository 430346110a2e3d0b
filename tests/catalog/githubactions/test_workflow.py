"""What is read from workflows and actions, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.githubactions import workflow
from rightshift.errors import Malformed
from tests.catalog.foreign import damaged

COMMIT = "8e5e7e5ab8b370d6c329ec480221332ada57f0ab"
WORKFLOW = f"""\
on: [push]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/checkout@v4
      - uses: 'pinned/action/sub/path@{COMMIT}' # v3.5.2
      - uses: unnoted/action@{"a" * 40}
      - uses: ./local
      - uses: docker://alpine:3.19
      - run: "uses: not/this@v1"
  call:
    uses: owner/repo/.github/workflows/x.yml@main
""".encode()


def test_actions_and_reusable_workflows_once() -> None:
    assert [(p.name, p.version, p.evidence, p.dev) for p in workflow.read(WORKFLOW)] == [
        ("actions/checkout", "v4", "", True),
        ("pinned/action", "v3.5.2", "manifest", True),
        ("unnoted/action", "a" * 40, "", True),
        ("owner/repo", "main", "", True),
    ]


def test_a_composite_action() -> None:
    assert [p.purl for p in workflow.read(b"runs:\n  using: composite\n  steps:\n    - uses: A/b@v1\n")] == [
        "pkg:githubactions/a/b@v1"
    ]


@pytest.mark.parametrize("content", [b"", b"name: x\non: [push]\n", b"jobs:\n"])
def test_nothing_is_used(content: bytes) -> None:
    assert list(workflow.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"word", b"- a", b"a: ["])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(workflow.read(content))


@given(
    st.binary(max_size=100)
    | damaged({"jobs": {"a": {"steps": [{"uses": "a/b@v1"}]}, "b": {"uses": "a/b@v1"}}, "runs": {"steps": []}})
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(workflow.read(content))

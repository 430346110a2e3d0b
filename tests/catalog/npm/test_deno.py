"""What is read from Deno's lock file and configuration."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.npm import deno
from rightshift.tree.file import MemoryFile
from tests.catalog.foreign import damaged

NPM = {"chalk@5.3.0": {"integrity": "x"}, "react-dom@18.2.0_react@18.2.0": {}}
JSR: dict[str, object] = {"@std/path@1.0.0": {}}
LOCK = {"version": "4", "npm": NPM, "jsr": JSR, "remote": {"https://deno.land/x/a.ts": "4f1c"}}


def read(path: str, document: object) -> list[tuple[str, str, str]]:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return [(p.name, p.version, p.origin) for p in deno.read_file(MemoryFile(path, content))]


def test_locks_of_all_versions_give_the_same() -> None:
    wanted = [("chalk", "5.3.0", "registry"), ("react-dom", "18.2.0", "registry"), ("std/path", "1.0.0", "url")]
    assert read("deno.lock", LOCK) == wanted
    assert read("deno.lock", {"version": "3", "packages": {"npm": NPM, "jsr": JSR}}) == wanted
    assert read("deno.lock", {"version": "2", "npm": {"packages": NPM}}) == wanted[:2]


def test_imports_give_the_lowest_version_asked_for() -> None:
    addresses = ("npm:chalk@^5.3", "npm:@s/x@1/sub", "npm:chalk", "jsr:@std/path@^1", "./x.ts")
    content = {"imports": {f"name{number}": address for number, address in enumerate(addresses)}}
    assert read("deno.jsonc", content) == [
        ("chalk", "5.3.0", "registry"),
        ("@s/x", "1.0.0", "registry"),
        ("std/path", "^1", "url"),
    ]


@pytest.mark.parametrize("content", [b"", b"[]", b"{"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(deno.MalformedDeno):
        read("deno.json", content)


@given(
    st.sampled_from(["deno.lock", "deno.json"]),
    st.binary(max_size=200) | damaged(LOCK) | damaged({"imports": {"a": "npm:a@1"}}),
)
def test_no_bytes_raise_anything_else(path: str, content: bytes) -> None:
    with suppress(deno.MalformedDeno):
        read(path, content)

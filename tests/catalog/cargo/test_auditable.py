"""What is read from a binary built by cargo auditable, and what is refused."""

import json
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cargo import auditable
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.binaries import forge

CRATES = [
    {"name": "app", "version": "0.1.0", "source": "local", "root": True},
    {"name": "serde", "version": "1.0.217", "source": "crates.io"},
    {"name": "patched", "version": "0.2.0", "source": "git"},
    {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
]


def binary(section: bytes) -> bytes:
    return forge.elf({".dep-v0": section})


def found(content: bytes) -> list[Package | Gap]:
    return list(auditable.read_file(MemoryFile("usr/bin/app", content)))


SECTION = zlib.compress(json.dumps({"packages": CRATES}).encode())


@pytest.mark.parametrize(
    "content", [forge.elf({".dep-v0": SECTION}), forge.pe({".dep-v0": SECTION}), forge.macho({".dep-v0": SECTION})]
)
def test_what_is_linked_in_and_not_what_only_built_it(content: bytes) -> None:
    assert [(p.purl, p.origin, p.state) for p in found(content) if isinstance(p, Package)] == [
        ("pkg:cargo/app@0.1.0", "local", "linked"),
        ("pkg:cargo/serde@1.0.217", "registry", "linked"),
        ("pkg:cargo/patched@0.2.0", "git", "linked"),
    ]


def test_an_executable_without_such_a_list_gives_nothing() -> None:
    assert found(forge.elf({".text": b"x"})) == []


def test_a_crate_without_a_version_is_told_and_costs_nothing_else() -> None:
    crates = [{"name": "a"}, *CRATES[:1]]
    items = found(binary(zlib.compress(json.dumps({"packages": crates}).encode())))
    assert [type(item) for item in items] == [Gap, Package]


@pytest.mark.parametrize(
    "section",
    [
        b"no zlib",
        SECTION[:-8],
        zlib.compress(b"[]"),
        zlib.compress(b"{}"),
        zlib.compress(b"{"),
        zlib.compress(b" " * (auditable.LIST_BYTES + 1)),
        b"\0" * (auditable.SECTION_BYTES + 1),
    ],
    ids=["no zlib", "cut off", "no table", "no list", "no JSON", "a bomb", "too large"],
)
def test_what_it_cannot_read_is_malformed(section: bytes) -> None:
    with pytest.raises(Malformed):
        found(binary(section))


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(section: bytes) -> None:
    with suppress(Malformed):
        found(binary(section))
    with suppress(Malformed):
        found(binary(zlib.compress(section)))

"""What is read from one header of rpm, and what is refused."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.rpm import header
from rightshift.model.inventory import Gap
from rightshift.model.package import Owned, Package, SourcePackage
from tests.catalog.rpm import forge


def test_a_package_with_all_that_advisories_ask_for() -> None:
    blob = forge.package("nodejs", files=2, EPOCH=1, MODULARITY="nodejs:18:9020:rhel9")
    package, owned = header.package(blob) or (None, None)
    assert package == Package(
        ecosystem="rpm",
        name="nodejs",
        version="1:1.0-1.el9",
        evidence="database",
        arch="x86_64",
        source=SourcePackage("nodejs-source", "1.0-1.el9"),
        modularity="nodejs:18:9020:rhel9",
        licenses=("MIT",),
    )
    assert owned == Owned("nodejs", "x86_64", ("usr/share/file0", "usr/share/file1"))


@pytest.mark.parametrize(("epoch", "version"), [(None, "1.0-1.el9"), (0, "1.0-1.el9"), (32, "32:1.0-1.el9")])
def test_an_epoch_stands_in_the_version_unless_it_is_0(epoch: int | None, version: str) -> None:
    found = header.package(forge.package("a") if epoch is None else forge.package("a", EPOCH=epoch))
    assert found
    assert found[0].version == version


def test_a_key_is_no_package() -> None:
    assert header.package(forge.package("gpg-pubkey")) is None


@pytest.mark.parametrize(
    ("file_name", "source"),
    [
        ("util-linux-2.32.1-42.el8_8.src.rpm", SourcePackage("util-linux", "2.32.1-42.el8_8")),
        ("a-1-2.nosrc.rpm", SourcePackage("a", "1-2")),
        ("(none)", None),
        ("", None),
    ],
)
def test_what_a_source_rpm_is_called(file_name: str, source: SourcePackage | None) -> None:
    assert header.source(file_name) == source


GOOD = forge.package("a", files=3)


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        b"\0" * 8,
        struct.pack(">I", 1 << 31) + GOOD[4:],
        GOOD[:4] + struct.pack(">I", 1 << 31) + GOOD[8:],
        GOOD[:16] + struct.pack(">I", 1 << 31) + GOOD[20:],
        GOOD[:-1],
        forge.header({forge.NAME: "a"}),
        forge.header({forge.NAME: ["a"] * 2, forge.VERSION: 7}),
        forge.package("a", BASE_NAMES=["x"], DIR_NAMES=["/"], DIR_INDEXES=[1]),
        forge.package("a", BASE_NAMES=["x", "y"], DIR_NAMES=["/"], DIR_INDEXES=[0]),
    ],
    ids=["empty", "no entry", "entries", "size", "offset", "cut", "no version", "number", "folder", "fewer folders"],
)
def test_what_lies_is_malformed(blob: bytes) -> None:
    with pytest.raises(header.MalformedHeader):
        header.package(blob)


def test_a_bad_header_is_told_and_costs_nothing_else() -> None:
    found = list(header.packages([GOOD, b"\0" * 8, forge.package("b")], 10_000))
    assert [item.name for item in found if isinstance(item, Package)] == ["a", "b"]
    assert len([item for item in found if isinstance(item, Gap)]) == 1


def test_a_thousand_bad_headers_are_few_gaps() -> None:
    assert len(list(header.packages([b""] * 1000, 10_000))) == header.GAPS + 1


def test_a_database_cannot_give_more_than_it_holds() -> None:
    found = list(header.packages([GOOD] * 1000, len(GOOD)))
    assert len([item for item in found if isinstance(item, Package)]) == 3
    assert isinstance(found[-1], Gap)


@given(st.binary(max_size=200), st.integers(0, len(GOOD)))
def test_no_bytes_raise_anything_else(content: bytes, at: int) -> None:
    for blob in (content, GOOD[:at] + content + GOOD[at + len(content) :]):
        with suppress(header.MalformedHeader):
            header.package(blob)

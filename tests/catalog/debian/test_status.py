"""What is read from dpkg's status, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog import index, walk
from rightshift.catalog.debian import stanza, status
from rightshift.model.inventory import Gap
from rightshift.model.package import Package, SourcePackage
from rightshift.tree.entry import Body

STATUS = b"""Package: libssl3
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: openssl (3.0.11-1~deb12u2)
Version: 3.0.11-1~deb12u2+b1
Description: Secure Sockets Layer toolkit
 Version: 9.9
 .
 Package: not-this

Package: bash
Status: hold ok installed
Architecture: amd64
Version: 5.2.15-2

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1.0
"""


def names(content: bytes) -> list[tuple[str, str]]:
    return [(p.name, p.version) for p in status.read(content) if isinstance(p, Package)]


def gaps(content: bytes) -> list[str]:
    return [g.reason for g in status.read(content) if isinstance(g, Gap)]


def test_installed_packages_with_the_source_that_advisories_name() -> None:
    assert [(p.name, p.version, p.arch, p.source) for p in status.read(STATUS) if isinstance(p, Package)] == [
        ("libssl3", "3.0.11-1~deb12u2+b1", "amd64", SourcePackage("openssl", "3.0.11-1~deb12u2")),
        ("bash", "5.2.15-2", "amd64", SourcePackage("bash", "5.2.15-2")),
    ]


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("install ok installed", True),
        ("purge ok installed", True),
        ("deinstall reinstreq installed", True),
        ("install ok triggers-pending", True),
        ("install ok triggers-awaited", True),
        ("install ok unpacked", False),
        ("install reinstreq half-installed", False),
        ("purge ok not-installed", False),
    ],
)
def test_only_what_is_installed_counts(state: str, counts: bool) -> None:
    assert bool(names(f"Package: a\nStatus: {state}\nVersion: 1\n".encode())) is counts


def test_lines_may_end_as_on_windows_and_stanzas_may_lie_far_apart() -> None:
    assert names(STATUS.replace(b"\n", b"\r\n")) == names(STATUS)
    assert names(STATUS.replace(b"\n\n", b"\n\n\n \n\t\n\n")) == names(STATUS)


def test_what_is_no_stanza_is_told_and_costs_nothing_else() -> None:
    content = STATUS + b"\nnonsense\n\n continuation of nothing\n"
    assert names(content) == names(STATUS)
    assert len(gaps(content)) == 1


def test_a_name_with_a_nul_is_told() -> None:
    content = STATUS + b"\nPackage: n\0ul\nStatus: install ok installed\nVersion: 1\n"
    assert names(content) == names(STATUS)
    assert len(gaps(content)) == 1


def test_an_empty_database_has_no_packages_and_no_gap() -> None:
    assert list(status.read(b"")) == list(status.read(b"\n\n")) == []


def test_what_has_no_stanza_at_all_is_malformed() -> None:
    with pytest.raises(stanza.MalformedStatus):
        list(status.read(b"asdf\n\nyolo\n"))


@given(st.binary(max_size=300) | st.lists(st.sampled_from(STATUS.split(b"\n"))).map(b"\n".join))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(stanza.MalformedStatus):
        list(status.read(content))


class Sparse:
    """Four gigabytes: the database, and zeros behind it."""

    path = "var/lib/dpkg/status"
    size = 4 << 30

    def pread(self, offset: int, length: int) -> bytes:
        return STATUS[offset : offset + length].ljust(min(length, self.size - offset), b"\0")


def test_the_packages_before_a_hole_of_gigabytes_are_found_and_the_rest_is_told() -> None:
    items = list(walk.read([Body(Sparse.path, 0o644, Sparse())], index.index(["deb"])))
    (reading,) = [item for item in items if isinstance(item, walk.Reading)]
    assert [package.name for package in reading.packages] == ["libssl3", "bash"]
    assert any("larger than" in item.reason for item in items if isinstance(item, Gap))

"""Which distribution is read from the files that say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.os_release import release
from rightshift.model.package import Distro

DEBIAN = b"""PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
# a comment
ID_LIKE='linux unix'
"""


def test_what_os_release_says() -> None:
    assert list(release.read_group({"etc/os-release": DEBIAN})) == [
        Distro("debian", "12", ("linux", "unix"), "bookworm", "Debian GNU/Linux 12 (bookworm)")
    ]


def test_the_file_in_etc_goes_before_the_one_in_usr_and_older_files_last() -> None:
    members = {"usr/lib/os-release": b"ID=fedora", "etc/debian_version": b"12.5\n", "etc/os-release": b"ID=ubuntu"}
    assert [distro.id for distro in release.read_group(members)] == ["ubuntu"]
    del members["etc/os-release"]
    assert [distro.id for distro in release.read_group(members)] == ["fedora"]


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("etc/os-release", ""),
        ("usr/lib/os-release", ""),
        ("var/lib/machines/web/etc/os-release", "var/lib/machines/web"),
        ("srv/root/usr/lib/os-release", "srv/root"),
        ("srv/root/etc/alpine-release", "srv/root"),
    ],
)
def test_each_root_is_one_group(path: str, root: str) -> None:
    assert release.root(path) == root
    assert [distro.root for distro in release.read_group({path: b"ID=alpine\n"})] == [root]


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("etc/alpine-release", b"3.19.1\n", ("alpine", "3.19.1")),
        ("etc/alpine-release", b"3.21.0_alpha20240807\n", ("alpine", "3.21.0_alpha20240807")),
        ("etc/debian_version", b"12.5\n", ("debian", "12.5")),
        ("etc/debian_version", b"trixie/sid\n", ("debian", "")),
        ("etc/redhat-release", b"CentOS release 6.10 (Final)\n", ("centos", "6.10")),
        ("etc/redhat-release", b"Red Hat Enterprise Linux Server release 7.9 (Maipo)\n", ("rhel", "7.9")),
        ("etc/redhat-release", b"Rocky Linux release 9.3 (Blue Onyx)\n", ("rocky", "9.3")),
    ],
)
def test_what_was_before_os_release(file: str, content: bytes, expected: tuple[str, str]) -> None:
    (found,) = release.read_group({file: content})
    assert (found.id, found.version) == expected
    assert found.name == ""


def test_a_release_without_a_number_has_its_codename() -> None:
    (found,) = release.read_group({"etc/debian_version": b"trixie/sid\n"})
    assert found.codename == "trixie"


def test_quotes_and_escapes_are_as_a_shell_reads_them() -> None:
    (found,) = release.read_group({"etc/os-release": b'ID="My-OS"\nNAME="a \\"b\\" \\$c"\nVERSION_ID=\'1 "2"\'\n'})
    assert (found.id, found.name, found.version) == ("my-os", 'a "b" $c', '1 "2"')


def test_files_that_say_nothing_are_no_distribution() -> None:
    assert list(release.read_group({"etc/os-release": b"", "etc/debian_version": b"\n"})) == []
    assert list(release.read_group({"etc/os-release": b"\xff\0=no\nid=lower\n"})) == []


@given(st.dictionaries(st.sampled_from(release.FORMAT.patterns), st.binary(max_size=200), min_size=1))
def test_no_bytes_raise_anything(members: dict[str, bytes]) -> None:
    assert len(list(release.read_group(members))) <= 1

"""Which module a main package belongs to, and which version the linker was told."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.golang.main_module import embedded_version, linked_version, of_package
from rightshift.errors import Malformed
from rightshift.tree.file import MemoryFile
from tests.catalog.binaries import forge


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("github.com/o/app", "github.com/o/app"),
        ("github.com/o/app/cmd/serve", "github.com/o/app"),
        ("github.com/o/app/v3/cmd/serve", "github.com/o/app/v3"),
        ("github.com/o/app/version", "github.com/o/app"),
        ("example.org/x/cmd/serve", "example.org/x"),
        ("example.org/x/tool", "example.org/x/tool"),
        ("cmd/go", ""),
        ("command-line-arguments", ""),
        ("", ""),
    ],
)
def test_the_module_of_a_main_package(path: str, module: str) -> None:
    assert of_package(path) == module


@pytest.mark.parametrize(
    ("flags", "version"),
    [
        ("-X main.version=1.4.0", "v1.4.0"),
        ('"-s -w -X main.Version=v1.4.0-rc.1"', "v1.4.0-rc.1"),
        ("-X=main.buildVersion=1.4.0", "v1.4.0"),
        (
            r'"\t-X \"example.com/app/dockerversion.Version=20.10.24+dfsg1\" \t-X \"example.com/app.GitCommit=5d\""',
            "v20.10.24+dfsg1",
        ),
        ("-X 'main.version=1.4.0' -X main.date=2024.1.1", "v1.4.0"),
        ("-X github.com/prometheus/common/version.Version=2.45.0", "v2.45.0"),
        ("-X main.version=1.4.0 -X example.com/app/api.Version=2.0.0", "v1.4.0"),
        ("-X example.com/app/api.Version=2.0.0 -X k8s.io/component-base/version.gitVersion=v1.27.3", "v2.0.0"),
    ],
)
def test_the_version_that_the_linker_was_told(flags: str, version: str) -> None:
    assert linked_version("example.com/app", flags) == version


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "-s -w",
        "-X main.commit=1.4.0",
        "-X main.version=dev",
        "-X main.version=1.4",
        "-X main.version=v1.4.0-5-g0123abc",
        "-X example.com/apple.Version=1.4.0",
        "-X example.com/other.Version=1.4.0",
        "-X main.version=1.4.0 -X main.gitTag=1.5.0",
        "-Xmain.version=1.4.0",
    ],
)
def test_no_version_where_it_is_not_sure(flags: str) -> None:
    assert linked_version("example.com/app", flags) == ""


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_text_raises(flags: str, path: str) -> None:
    assert linked_version(of_package(path), flags) == "" or "-X" in flags


def embedded(end: bytes, before: bytes = b"x" * 4096) -> str:
    return embedded_version(MemoryFile("app", forge.elf({".rodata": before + end})))


@pytest.mark.parametrize(
    ("end", "version"),
    [
        (b"\0v1.27.16\0", "v1.27.16"),
        (b"\0v1.27.16\0\0\0\0v1.27.16\0", "v1.27.16"),
        (b"\0001.1.5+ds1\0\0001.1.5+ds1-1+deb12u1\0", "v1.1.5+ds1"),
        (b"\0001.27.16\0\0001.28.0\0", ""),
        (b"\0127.0.0.1\0", ""),
        (b"\0001.2.3 \0", ""),
        (b"\0go1.2.3\0", ""),
        (b"\0v1.4.0-5-g0123abc\0", ""),
        (b"\0v1.2.3", ""),
        (b"v1.2.3\0", ""),
        (b"", ""),
    ],
)
def test_a_version_between_zeros_at_the_end_of_read_only_data(end: bytes, version: str) -> None:
    assert embedded(end) == version


def test_what_lies_far_from_the_end_is_other_data() -> None:
    assert embedded(b"x" * 4096, b"\0v1.2.3\0") == ""
    assert embedded_version(MemoryFile("app", forge.elf({".text": b"\0v1.2.3\0"}))) == ""


@given(st.binary(max_size=100), st.integers(0, 6000))
def test_no_bytes_raise_anything_else(content: bytes, at: int) -> None:
    good = forge.elf({".rodata": bytes(4096) + b"v1.2.3\0"})
    with suppress(Malformed):
        embedded_version(MemoryFile("app", good[:at] + content + good[at + len(content) :]))

"""Which lines of a requirements file say what version is meant."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.pypi import requirements
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile


def read(content: bytes | str, path: str = "requirements.txt") -> list[Package]:
    return list(requirements.read_file(MemoryFile(path, content if isinstance(content, bytes) else content.encode())))


@pytest.mark.parametrize(
    ("line", "name", "version"),
    [
        ("Django==2.2", "Django", "2.2"),
        ("a === 1.0", "a", "1.0"),
        ("a[b, c] == 1.0 ; python_version < '3.8'", "a", "1.0"),
        ("a==1.0#comment", "a", "1.0"),
        ("a==1.0 --hash=sha256:4f1c", "a", "1.0"),
        ("a (==1.0)", "a", "1.0"),
        ("a==1.0,!=1.1", "a", "1.0"),
        ("a==1!2.0.post1+local", "a", "1!2.0.post1+local"),
        ("qwerty \\\n  == 0.1", "qwerty", "0.1"),
        ("a==1.0 \\\n    --hash=sha256:4f1c \\\n    --hash=sha256:4f1d", "a", "1.0"),
        ("a==1.0 \\", "a", "1.0"),
        ("also_-._valid==2", "also_-._valid", "2"),
    ],
)
def test_a_pinned_requirement(line: str, name: str, version: str) -> None:
    assert [(p.name, p.version, p.origin, p.state) for p in read(line)] == [(name, version, "registry", "locked")]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a",
        "a>=1.0",
        "a~=1.0",
        "a!=1.0",
        "a==1.*",
        ">=1.0",
        "-r other.txt",
        "-c limits.txt",
        "--index-url https://index.example.org",
        "# a==1.0",
        "https://files.example.org/a.whl",
    ],
)
def test_a_range_an_option_and_a_comment_name_no_version(line: str) -> None:
    assert read(line) == []


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("a @ git+https://github.com/o/a@v1", "git"),
        ("a @ https://files.example.org/a-1.0-py3-none-any.whl", "url"),
        ("a @ file:///build/a", "local"),
        ("-e git+https://github.com/o/a#egg=a", "git"),
        ("--editable=./src#egg=a", "local"),
    ],
)
def test_an_address_stands_for_the_version(line: str, origin: str) -> None:
    assert [(p.name, p.version, p.origin) for p in read(line)] == [("a", "", origin)]


def test_utf_16_with_its_mark_is_text() -> None:
    assert [p.name for p in read("a==1\r\nb==2\r\n".encode("utf-16"))] == ["a", "b"]


@pytest.mark.parametrize(
    ("path", "dev"),
    [
        ("requirements-dev.txt", True),
        ("test-requirements.txt", True),
        ("requirements/docs.txt", True),
        ("requirements.txt", False),
        ("latest-requirements.txt", False),
    ],
)
def test_the_name_of_the_file_says_what_it_is_for(path: str, dev: bool) -> None:
    assert read("a==1", path)[0].dev is dev


def test_long_blanks_and_brackets_take_no_time() -> None:
    assert read("a" + " " * 500_000 + "x\n" + "a[" * 250_000 + "\n" + "a\\\n" * 100_000 + "b==1") != []


def test_what_is_no_text_is_malformed() -> None:
    with pytest.raises(requirements.MalformedRequirements):
        read(b"\xff")


@given(st.binary(max_size=200) | st.text("ab=<>[](); #\\\n@-e:/.*1,", max_size=80).map(str.encode))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(requirements.MalformedRequirements):
        read(content)

"""What is read from an `environment.yml`, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.conda import environment
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged, documents


def read(*entries: str) -> list[str]:
    content = "name: x\ndependencies:\n" + "".join(f"  - {entry}\n" for entry in entries)
    return [item.purl for item in environment.read(content.encode()) if isinstance(item, Package)]


@pytest.mark.parametrize(
    ("written", "purl"),
    [
        ("numpy", "pkg:conda/numpy"),
        ("blas=1.0=openblas", "pkg:conda/blas@1.0"),
        ("numpy==1.26.4", "pkg:conda/numpy@1.26.4"),
        ("conda-forge::numpy=1.26", "pkg:conda/numpy@1.26"),
        ("numpy>=1.26", "pkg:conda/numpy"),
        ("numpy=1.26.*", "pkg:conda/numpy"),
        ('"numpy >=1.2,<2"', "pkg:conda/numpy"),
        ('"numpy 1.26.4 py39_0"', "pkg:conda/numpy"),
    ],
)
def test_a_version_only_where_it_is_fixed(written: str, purl: str) -> None:
    assert read(written) == [purl]


def test_what_pip_adds_is_of_its_own_ecosystem() -> None:
    lines = [
        "Flask_Cors==4.0.0",
        "requests>=2",
        '"a[x]==1 ; python_version > 3"',
        "-r more.txt",
        "git+https://x.example/y",
    ]
    assert read("pip", "\n    - ".join(("pip:", *lines))) == [
        "pkg:conda/pip",
        "pkg:pypi/flask-cors@4.0.0",
        "pkg:pypi/requests",
        "pkg:pypi/a@1",
    ]


def test_what_comes_from_an_address_is_not_of_the_registry() -> None:
    content = b"dependencies:\n  - pip:\n    - mine @ https://files.example/mine.whl\n"
    assert [(p.name, p.origin) for p in environment.read(content) if isinstance(p, Package)] == [("mine", "url")]


def test_a_dependency_that_names_nothing_is_a_gap() -> None:
    assert list(environment.read(b"dependencies:\n  - '>='\n")) == [Gap("", "1 dependencies that name no package")]


@pytest.mark.parametrize("content", [b"", b"name: x\n", b"- a\n", b"dependencies:\n"])
def test_a_file_of_some_other_tool_says_nothing(content: bytes) -> None:
    assert list(environment.read(content)) == []


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"dependencies: {a: b}", b"a: [", b"a: &a [*a]"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(environment.read(content))


@given(
    st.binary(max_size=100)
    | damaged({"dependencies": ["a=1", {"pip": ["b==1", "c @ x://y"]}]})
    | documents("dependencies", "pip", "a=1")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(environment.read(content))

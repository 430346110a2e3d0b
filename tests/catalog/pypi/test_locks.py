"""What Poetry, PDM, uv and the common lock file say: four dialects of one list of tables."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.pypi import pdm_lock, poetry_lock, pylock, uv_lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

Reader = Callable[[bytes], Iterable[Package | Gap]]
READERS: list[tuple[Reader, str, type[Malformed]]] = [
    (poetry_lock.read, "package", poetry_lock.MalformedPoetryLock),
    (pdm_lock.read, "package", pdm_lock.MalformedPdmLock),
    (uv_lock.read, "package", uv_lock.MalformedUvLock),
    (pylock.read, "packages", pylock.MalformedPylock),
]


def rows(reader: Reader, content: str) -> list[tuple[str, str, str, bool, bool]]:
    found = [item for item in reader(content.encode()) if isinstance(item, Package)]
    assert all(p.state == "locked" and p.ecosystem == "pypi" for p in found)
    return [(p.name, p.version, p.origin, p.dev, p.optional) for p in found]


def test_poetry_tells_groups_and_sources() -> None:
    content = """
[[package]]
name = "a"
version = "1.0"
category = "main"
optional = false
[[package]]
name = "b"
version = "2.0"
category = "dev"
optional = true
[[package]]
name = "c"
version = "3.0"
groups = ["test", "docs"]
[package.source]
type = "git"
url = "https://github.com/o/c"
[[package]]
name = "d"
version = "4.0"
groups = ["main", "test"]
[package.source]
type = "legacy"
url = "https://index.example.org/simple"
"""
    assert rows(poetry_lock.read, content) == [
        ("a", "1.0", "registry", False, False),
        ("b", "2.0", "registry", True, True),
        ("c", "3.0", "git", True, False),
        ("d", "4.0", "registry", False, False),
    ]


def test_pdm_tells_groups_and_sources() -> None:
    content = """
[[package]]
name = "a"
version = "1.0"
groups = ["default"]
git = "https://github.com/o/a.git"
[[package]]
name = "b"
version = "2.0"
groups = ["test"]
path = "./b"
"""
    assert rows(pdm_lock.read, content) == [("a", "1.0", "git", False, False), ("b", "2.0", "local", True, True)]


def test_uv_leaves_the_project_out_and_keeps_members_of_its_workspace() -> None:
    content = """
version = 1
[[package]]
name = "app"
version = "0.1"
source = { editable = "." }
[[package]]
name = "member"
version = "0.2"
source = { editable = "packages/member" }
[[package]]
name = "a"
version = "1.0"
source = { registry = "https://index.example.org/simple" }
[[package]]
name = "b"
version = "2.0"
source = { git = "https://github.com/o/b#4f1c" }
"""
    assert rows(uv_lock.read, content) == [
        ("member", "0.2", "local", False, False),
        ("a", "1.0", "registry", False, False),
        ("b", "2.0", "git", False, False),
    ]


def test_the_common_lock_file_leaves_its_own_folder_out() -> None:
    content = """
lock-version = "1.0"
[[packages]]
name = "app"
directory = { path = "." }
[[packages]]
name = "a"
version = "1.0"
index = "https://index.example.org/simple"
[[packages]]
name = "b"
vcs = { type = "git", url = "https://github.com/o/b", commit-id = "4f1c" }
[[packages]]
name = "c"
archive = { path = "c.tar.gz" }
[[packages]]
name = "d"
archive = { url = "https://files.example.org/d.tar.gz" }
"""
    assert rows(pylock.read, content) == [
        ("a", "1.0", "registry", False, False),
        ("b", "", "git", False, False),
        ("c", "", "local", False, False),
        ("d", "", "url", False, False),
    ]


@pytest.mark.parametrize(("reader", "key", "malformed"), READERS)
def test_a_table_without_a_name_is_a_loss_beside_the_others(
    reader: Reader, key: str, malformed: type[Malformed]
) -> None:
    content = f'[[{key}]]\nversion = "1"\n[[{key}]]\nname = "a"\nversion = "1"\n'
    assert [type(item) for item in reader(content.encode())] == [Gap, Package]


@pytest.mark.parametrize(("reader", "key", "malformed"), READERS)
def test_an_empty_lock_is_no_loss(reader: Reader, key: str, malformed: type[Malformed]) -> None:
    assert list(reader(b"")) == []


@pytest.mark.parametrize(("reader", "key", "malformed"), READERS)
def test_what_they_cannot_read_is_malformed(reader: Reader, key: str, malformed: type[Malformed]) -> None:
    for content in (
        b"\xff",
        b"[[a",
        f"{key} = 1".encode(),
        b"a = 1\na = 2",
        b"a = " + b"[" * 9_999,
        b"a." * 50_000 + b"b = 1",
    ):
        with pytest.raises(malformed):
            list(reader(content))


@given(
    st.sampled_from(READERS),
    st.binary(max_size=200)
    | st.lists(
        st.sampled_from(
            [
                "[[package]]",
                "[[packages]]",
                'name = "a"',
                "version = 1",
                "source = {}",
                'groups = [1, "dev"]',
                "directory = 1",
                "archive = 1",
            ]
        ),
        max_size=8,
    ).map(lambda lines: "\n".join(lines).encode()),
)
def test_no_bytes_raise_anything_else(reader: tuple[Reader, str, type[Malformed]], content: bytes) -> None:
    with suppress(reader[2]):
        list(reader[0](content))

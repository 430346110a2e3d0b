"""Names as people ask for them are those that the database compares."""

from collections.abc import Callable

import pytest

from rightshift.console.store.read import package_names

Rows = Callable[..., list[tuple[object, ...]]]


@pytest.mark.parametrize(
    ("ecosystem", "name", "asked"),
    [
        ("maven", "org.apache.logging.log4j:log4j-core", "log4j-core"),
        ("maven", "org.apache.logging.log4j:log4j-core", "org.apache.logging.log4j:Log4J-Core"),
        ("npm", "@babel/core", "core"),
        ("npm", "@babel/core", "@babel/core"),
        ("golang", "github.com/jackc/pgx/v5", "pgx"),
        ("composer", "Symfony/http-kernel", "http-kernel"),
        ("pypi", "Zope.Interface", "zope.interface"),
        ("deb", "libc6", "libc6"),
    ],
)
def test_a_name_is_found_whole_or_by_its_last_part(rows: Rows, ecosystem: str, name: str, asked: str) -> None:
    spelled = package_names.of_pypi(asked) if ecosystem == "pypi" else package_names.spelled(asked)
    question = "SELECT %s IN (package_spelling(%s, %s), package_last(%s, %s))"
    assert rows(question, spelled, ecosystem, name, ecosystem, name) == [(True,)]


def test_the_last_part_is_no_part_of_a_word(rows: Rows) -> None:
    question = "SELECT %s IN (package_spelling('maven', 'a:log4j-core'), package_last('maven', 'a:log4j-core'))"
    assert rows(question, package_names.spelled("core")) == [(False,)]

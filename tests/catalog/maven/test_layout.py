"""Which coordinates the folders of a local repository prove."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.maven import layout


@pytest.mark.parametrize(
    ("path", "name", "version"),
    [
        ("root/.m2/repository/org/x/core/app/1.2/app-1.2.jar", "org.x.core:app", "1.2"),
        ("root/.m2/repository/org/x/app/1.2/app-1.2-jdk8.jar", "org.x:app", "1.2"),
        ("cache/v1/https/mirror.example/maven2/org/x/app/1.2/app-1.2.jar", "org.x:app", "1.2"),
        ("root/.gradle/caches/modules-2/files-2.1/org.x/app/1.2/0a1b2c/app-1.2.jar", "org.x:app", "1.2"),
    ],
)
def test_folders_of_a_repository_are_coordinates(path: str, name: str, version: str) -> None:
    found = layout.of_path(path)
    assert found
    assert (found.name, found.version) == (name, version)


@pytest.mark.parametrize(
    "path",
    [
        "lib/app-1.2.jar",
        "org/x/app/1.2/app-1.2.jar",
        ".m2/repository/app-1.2.jar",
        ".m2/repository/app/1.2/app-1.2.jar",
        ".m2/repository/org/x/app/1.2/other-1.2.jar",
        ".m2/repository/org/x/app/1.2/app-1.3.jar",
        ".m2/repository//app/1.2/app-1.2.jar",
        "files-2.1/org.x/app/1.2/app-1.2.jar",
        "caches/files-2.1/org.x/app/1.2/app-1.2.jar",
    ],
)
def test_what_lies_otherwise_proves_nothing(path: str) -> None:
    assert layout.of_path(path) is None


@given(st.text("a/.-1", max_size=40))
def test_no_path_raises(path: str) -> None:
    for mark in (*layout.REPOSITORIES, layout.GRADLE):
        found = layout.of_path(mark + path)
        assert found is None or all(found)

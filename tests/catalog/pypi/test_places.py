"""What lies in the tests of a Python installation."""

import pytest

from rightshift.catalog.pypi import installed, places


@pytest.mark.parametrize(
    ("path", "is_data"),
    [
        ("usr/lib/python3.12/test/wheeldata/setuptools-1.whl", True),
        ("lib/python3/dist-packages/pkg_resources/tests/data/a.egg/EGG-INFO/PKG-INFO", True),
        ("venv/lib/python3.11/site-packages/a-1.0.dist-info/METADATA", False),
        ("venv/lib/python3.11/site-packages/test-1.0.dist-info/METADATA", False),
        ("tests/venv/lib/python3.11/site-packages/a-1.0.dist-info/METADATA", False),
        ("usr/lib/python3.12/ensurepip/_bundled/pip-1.whl", False),
        ("src/tests/a.whl", False),
        ("", False),
    ],
)
def test_only_below_a_folder_of_libraries(path: str, is_data: bool) -> None:
    assert places.is_test_data(path) is is_data


def test_distributions_that_tests_unpacked_are_not_installed() -> None:
    place = "usr/lib/python3/dist-packages/a/tests/data/b.egg-info/PKG-INFO"
    assert list(installed.read_group({place: b"Name: b\nVersion: 1\n"})) == []

"""Which places of a Python installation hold its packages. What lies there: `installed.py`, `archive.py`."""

import re

_LIBRARIES = re.compile(r"(?:^|/)lib/python[0-9.]{1,8}/")
TEST_FOLDERS = frozenset({"test", "tests"})


def is_test_data(path: str) -> bool:
    """
    Whether a path is in a test folder of the standard library or of an installed package.

    The distributions there are made up, or serve the tests of what carries them: nothing imports them otherwise.
    """
    found = _LIBRARIES.search(path)
    return found is not None and not TEST_FOLDERS.isdisjoint(path[found.end() :].split("/")[:-1])

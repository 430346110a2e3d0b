"""A home for a server, and the programs that are on this machine."""

from pathlib import Path

import pytest

from rightshift.console.postgres import find
from rightshift.console.postgres.find import Binaries


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where a console keeps everything; not there yet."""
    return tmp_path / "home"


@pytest.fixture(scope="session")
def binaries() -> Binaries:
    """The server that a console would start."""
    return find.find()


@pytest.fixture(scope="session")
def older() -> Binaries:
    """A server of an older major version."""
    if found := find.of_major(15):
        return found
    pytest.skip("postgresql-15 is not installed")

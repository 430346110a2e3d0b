"""Output that is kept beside the tests, byte for byte."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compares bytes with a file beside the test. `SNAPSHOT=write` writes it; read the diff."""

    def check(name: str, content: bytes) -> None:
        file = Path(request.path).parent / "snapshots" / name
        if os.environ.get("SNAPSHOT") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        assert content.decode() == file.read_bytes().decode()

    return check

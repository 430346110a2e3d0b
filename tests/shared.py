"""The data set beside the checkout. A clone without it skips the tests that need it, and says so."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("RIGHTSHIFT_SHARED", Path(__file__).parents[2] / "shared"))


def shared(path: str) -> Path:
    """A file or folder of the data set; skips the test or the module when there is none."""
    found = FOLDER / path
    if not found.exists():
        pytest.skip(f"the data set has no {path} here (RIGHTSHIFT_SHARED points elsewhere)", allow_module_level=True)
    return found

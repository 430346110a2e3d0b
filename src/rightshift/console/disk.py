"""How much the disk that the embedded database lies on still takes: refusing in time is better than running full."""

import os
from pathlib import Path

LEAST_BYTES = 256 << 20
"""Kept free: the database writes ahead of what it keeps, and one that can't ends. What is under way needs some, too."""


def left_bytes(folder: Path) -> int:
    """What others than root may still write. Raises: OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def nearly_full(folder: Path | None) -> bool:
    """Whether nothing large is to be written any more; never where no database lies on a disk of ours."""
    try:
        return folder is not None and left_bytes(folder) < LEAST_BYTES
    except OSError:
        return False

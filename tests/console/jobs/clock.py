"""The time, for workers that tests start."""

from datetime import UTC, datetime


def clock() -> datetime:
    return datetime.now(UTC)

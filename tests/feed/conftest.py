"""A bucket and a folder for each test that asks for them."""

from collections.abc import Iterator

import pytest

from tests.feed import bucket as buckets


@pytest.fixture
def bucket() -> Iterator[buckets.Bucket]:
    """Empty; serves what is put into it."""
    with buckets.served() as served:
        yield served

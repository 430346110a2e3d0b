"""What is read from a `renv.lock`, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.cran import renv_lock
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

LOCK = {
    "R": {"Version": "4.2.3"},
    "Packages": {
        "mime": {"Package": "mime", "Version": "0.7-1", "Source": "Repository", "Repository": "CRAN"},
        "dev": {"Package": "dev", "Version": "0.0.1", "Source": "GitHub"},
        "limma": {"Package": "limma", "Version": "3.50", "Source": "Bioconductor"},
        "lost": {"Package": "lost"},
    },
}


def test_packages_with_where_they_came_from() -> None:
    *packages, gap = renv_lock.read(json.dumps(LOCK).encode())
    assert gap == Gap("", "1 packages without name or version")
    assert [(p.purl, p.origin) for p in packages if isinstance(p, Package)] == [
        ("pkg:cran/mime@0.7-1", "registry"),
        ("pkg:cran/dev@0.0.1", "git"),
        ("pkg:cran/limma@3.50", "unknown"),
    ]


def test_a_lock_of_nothing_has_no_packages() -> None:
    assert list(renv_lock.read(b"{}")) == []


@pytest.mark.parametrize("content", [b"", b"[]", b'{"Packages": []}'])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(renv_lock.read(content))


@given(st.binary(max_size=100) | damaged(LOCK))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(renv_lock.read(content))

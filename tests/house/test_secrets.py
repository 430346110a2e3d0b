"""No secret stands in what is published: neither one of our own kind nor one of somebody else's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.console.auth.secrets import kind_of, made

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "docs", "news", "benchmarks", "requirements")
OURS = re.compile(rb"rs_[a-z]_[0-9A-Za-z]{49}")
THEIRS = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}"
    rb"|\bAKIA[0-9A-Z]{16}\b"
    rb"|\bgh[pousr]_[0-9A-Za-z]{36}\b"
    rb"|\bglpat-[0-9A-Za-z_-]{20}\b"
    rb"|\bxox[abprs]-[0-9]{8,}-[0-9A-Za-z-]{10,}"
    rb"|\bAIza[0-9A-Za-z_-]{35}\b"
    rb"|\beyJ[0-9A-Za-z_-]{20,}\.eyJ[0-9A-Za-z_-]{20,}\.[0-9A-Za-z_-]{20,}"
)
"""Beginnings that these kinds of keys and tokens have by design, so that they can be found."""


def found(content: bytes) -> Iterator[str]:
    yield from (text.decode() for text in OURS.findall(content) if kind_of(text.decode()) is not None)
    yield from (match.group().decode() for match in THEIRS.finditer(content))


def files() -> Iterator[Path]:
    yield from (file for file in ROOT.iterdir() if file.is_file())
    for folder in FOLDERS:
        yield from (file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts)


@pytest.mark.check("P07")
def test_none_is_in_the_project() -> None:
    seen = {str(file.relative_to(ROOT)): list(found(file.read_bytes())) for file in files()}
    assert len(seen) > 500
    assert {name: secrets for name, secrets in seen.items() if secrets} == {}


@pytest.mark.parametrize(
    "secret",
    [made("service"), made("sensor"), "AKIA" + "A" * 16, "ghp_" + "a" * 36, "-----BEGIN PRIVATE KEY-----\n" + "M" * 64],
    ids=["service", "sensor", "cloud", "forge", "key"],  # two are by chance, and workers must name tests alike
)
def test_one_would_be_found(secret: str) -> None:
    assert list(found(f"key = {secret!s} # x".encode()))

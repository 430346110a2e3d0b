"""Which ids a record is about: aliases both ways, `upstream` upwards only, `related` for two distributions."""

import pytest

from rightshift.feed import joins
from rightshift.feed.packed import Document


def document(aliases: tuple[str, ...] = (), upstream: tuple[str, ...] = (), related: tuple[str, ...] = ()) -> Document:
    return Document(aliases, upstream, related, "", "", (), "", (), (), "", "", "", 0)


KNOWN = {
    "DLA-1": document(upstream=("DEBIAN-CVE-2024-0001",)),
    "DEBIAN-CVE-2024-0001": document(upstream=("CVE-2024-0001",)),
    "ALSA-2024:1": document(related=("CVE-2024-0001", "CVE-2024-0002")),
    "GHSA-1": document(related=("CVE-2024-0009",)),
    "LOOP-1": document(upstream=("LOOP-2",)),
    "LOOP-2": document(upstream=("LOOP-1",)),
}
GROUPS = dict.fromkeys(("CVE-2024-0001", "GHSA-1"), ("CVE-2024-0001", "GHSA-1"))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("DLA-1", {"DLA-1", "DEBIAN-CVE-2024-0001", "CVE-2024-0001", "GHSA-1"}),
        ("ALSA-2024:1", {"ALSA-2024:1", "CVE-2024-0001", "CVE-2024-0002", "GHSA-1"}),
        ("GHSA-1", {"GHSA-1", "CVE-2024-0001"}),
        ("CVE-2024-0001", {"CVE-2024-0001", "GHSA-1"}),
        ("LOOP-1", {"LOOP-1", "LOOP-2"}),
        ("unheard-of", {"unheard-of"}),
    ],
)
def test_reached(record: str, expected: set[str]) -> None:
    assert joins.reached(record, KNOWN.get, lambda one: GROUPS.get(one, ())) == expected


def test_a_record_without_end_is_bounded() -> None:
    endless = joins.reached("N-0", lambda one: document(upstream=(f"N-{int(one[2:]) + 1}",)), lambda _: ())
    assert len(endless) == joins.IDS


@pytest.mark.parametrize(
    ("record", "said", "expected"),
    [
        ("DEBIAN-CVE-2024-0001", document(upstream=("CVE-2024-0001",)), "CVE-2024-0001"),
        ("ALPINE-CVE-2024-0001", document(), "CVE-2024-0001"),
        ("DSA-1-1", document(upstream=("CVE-2024-0001",)), "CVE-2024-0001"),
        ("DSA-1-1", document(upstream=("CVE-2024-0001", "CVE-2024-0002")), ""),
        ("CVE-2024-0001", document(), ""),
        ("GHSA-1", document(aliases=("CVE-2024-0001",), upstream=("CVE-2024-0002",)), ""),
    ],
)
def test_same_flaw(record: str, said: Document, expected: str) -> None:
    assert joins.same_flaw(record, said) == expected

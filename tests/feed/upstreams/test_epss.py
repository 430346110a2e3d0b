"""What is read from FIRST's file, and what is refused."""

import gzip
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.feed.upstreams import epss

HEAD = "#model_version:v2025.03.14,score_date:2026-01-05T12:00:00Z\ncve,epss,percentile\n"
CSV = HEAD + "CVE-2021-44228,0.94358,0.99957\nCVE-2022-0001,7e-05,0.0001\n"


def rows(content: bytes, chunk: int = 7) -> list[tuple[str, float]]:
    return list(epss.read(content[at : at + chunk] for at in range(0, len(content), chunk)).rows)


@pytest.mark.parametrize(
    "content",
    [CSV.encode(), gzip.compress(CSV.encode()), CSV.replace("\n", "\r\n").encode()],
    ids=["plain", "gzip", "CRLF"],
)
def test_rows_with_model_and_day(content: bytes) -> None:
    read = epss.read([content])
    assert (read.model_version, read.day) == ("v2025.03.14", "2026-01-05")
    assert list(read.rows) == rows(content) == [("CVE-2021-44228", 0.94358), ("CVE-2022-0001", 7e-05)]


def test_a_file_without_its_comment_is_read() -> None:
    assert epss.read([b"cve,epss,percentile\nCVE-2021-44228,1,1\n"]).day == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        HEAD.encode(),
        (HEAD + "CVE-2021-44228,1.5,1\n").encode(),
        (HEAD + "CVE-2021-44228,nan,1\n").encode(),
        (HEAD + "CVE-2021-44228,,1\n").encode(),
        (HEAD + "other,0.5,1\n").encode(),
        gzip.compress(CSV.encode())[:-9],
        b"\x1f\x8bnot gzip",
        (HEAD + "x" * 10_000).encode(),
    ],
    ids=["empty", "page", "no rows", "over 1", "nan", "none", "no CVE", "cut off", "no gzip", "endless line"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(epss.MalformedEpss):
        rows(content, 4096)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epss, "UNPACKED_BYTES", 1 << 20)
    with pytest.raises(epss.MalformedEpss, match="unpacks to more"):
        rows(gzip.compress(HEAD.encode() + b"\n" * (4 << 20)), 1 << 16)


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_raise_anything_else(content: bytes, packed: bool) -> None:
    with suppress(epss.MalformedEpss):
        rows(gzip.compress(content) if packed else content)

"""FIRST's EPSS file: how likely it is that a CVE is exploited within 30 days. Compressed or plain CSV in, rows out."""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rightshift.errors import Malformed

ADDRESS = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz"
LIMIT_BYTES = 64 << 20
UNPACKED_BYTES = 512 << 20
ROWS = 5_000_000
LINE_BYTES = 4096

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_MODEL = re.compile(r"model_version:([^,\s]{1,40})")
_DAY = re.compile(r"score_date:(\d{4}-\d\d-\d\d)")


class MalformedEpss(Malformed):
    """Not FIRST's CSV, cut off, or a probability that is none."""


@dataclass(frozen=True, slots=True)
class Scores:
    """`rows` are (CVE, probability 0 to 1) and can be read once; reading them may raise `MalformedEpss`."""

    model_version: str
    day: str
    rows: Iterator[tuple[str, float]]


def read(chunks: Iterable[bytes]) -> Scores:
    """
    The scores of one day.

    Raises: MalformedEpss, also while `rows` are read.
    Source: FIRST, "EPSS Data and Statistics": a comment line with model and day, then `cve,epss,percentile`.
    """
    lines = _lines(_unpacked(iter(chunks)))
    first = next(lines, "")
    model, day = _MODEL.search(first), _DAY.search(first)
    header = next(lines, "") if first.startswith("#") else first
    columns = [column.strip() for column in header.split(",")]
    if columns[:2] != ["cve", "epss"]:
        raise MalformedEpss("no line that names its columns")
    return Scores(model[1] if model else "", day[1] if day else "", _rows(lines))


def _rows(lines: Iterator[str]) -> Iterator[tuple[str, float]]:
    count = 0
    for line in lines:
        if not line.strip():
            continue
        cve, _, rest = line.partition(",")
        text = rest.partition(",")[0].strip()
        count += 1
        try:
            probability = float(text)
        except ValueError as error:
            raise MalformedEpss(f"no probability: {text[:40]!r}") from error
        if not _CVE.fullmatch(cve.strip()) or not 0 <= probability <= 1:
            raise MalformedEpss(f"a row that is none: {line[:80]!r}")
        if count > ROWS:
            raise MalformedEpss(f"more than {ROWS} rows")
        yield cve.strip(), probability
    if not count:
        raise MalformedEpss("no rows")


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    if first[:2] != b"\x1f\x8b":
        yield first
        yield from chunks
        return
    unpacker, chunk = zlib.decompressobj(31), first
    try:
        while True:
            yield unpacker.decompress(chunk, 1 << 20)
            chunk = unpacker.unconsumed_tail or next(chunks, b"")
            if not chunk:
                break
    except zlib.error as error:
        raise MalformedEpss(str(error)) from error
    if not unpacker.eof:
        raise MalformedEpss("cut off")


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    total, rest = 0, b""
    for chunk in chunks:
        total += len(chunk)
        if total > UNPACKED_BYTES:
            raise MalformedEpss(f"unpacks to more than {UNPACKED_BYTES >> 20} MB")
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LINE_BYTES:
            raise MalformedEpss("a line that does not end")
        for line in whole:
            yield line[:LINE_BYTES].decode("ascii", "replace").rstrip("\r")
    if rest:
        yield rest.decode("ascii", "replace")

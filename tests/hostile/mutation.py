"""Valid files made hostile: bits flipped, cut off, spliced, repeated, huge numbers. Who reads them: `readers.py`."""

import re
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

LARGEST_BYTES = 256 << 10
"""Large enough that work which grows with the square of an input is noticed."""

_NUMBER = re.compile(rb"\d+")
_NUMBERS = (
    b"0",
    b"-1",
    b"1e400",
    b"9" * 5_000,
    b"4294967295",
    b"18446744073709551616",
    b"0x7fffffff",
    b"\xff" * 4,
    b"\xff" * 8,
    b"\x00\x00\x00\x80",
    b"\x80\x00\x00\x00",
)
_PIECES = (
    b"\0",
    b"\x1b]0;x\x07\x1b[2J",
    "\u202e\u200b\x9b31m".encode(),
    b"\xed\xa0\x80",
    b"\xff\xfe",
    b"\r",
    b"\n\n",
    b"'",
    b'"',
    b"\\u001b",
    b"\\ud800",
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"<a>" * 20_000,
    b"- " * 20_000,
    b"(" * 20_000,
    b"{" * 20_000,
    b" " * 20_000,
    b"a" * 20_000,
    b"../" * 1_000,
    b"\n&a [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n",
    b"%1b%00",
    b"/",
    b"@",
    b":",
)

_Change = Callable[[bytes, int, int], bytes]


def mutated(seeds: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of the seeds after one to five changes, at most `LARGEST_BYTES` long."""
    places = st.integers(0, (1 << 31) - 1)
    changes = st.lists(st.tuples(st.sampled_from(_CHANGES), places, places), min_size=1, max_size=5)
    return st.tuples(st.sampled_from(seeds), changes).map(lambda drawn: _changed(*drawn))


def _changed(content: bytes, changes: list[tuple[_Change, int, int]]) -> bytes:
    for change, one, other in changes:
        content = change(content, one, other)[:LARGEST_BYTES]
    return content


def _flip(content: bytes, one: int, other: int) -> bytes:
    flipped = bytearray(content)
    if flipped:
        flipped[one % len(flipped)] ^= 1 << other % 8
    return bytes(flipped)


def _byte(content: bytes, one: int, other: int) -> bytes:
    at = one % (len(content) + 1)
    return content[:at] + bytes([other % 256]) + content[at + 1 :]


def _cut(content: bytes, one: int, _other: int) -> bytes:
    return content[: one % (len(content) + 1)]


def _part(content: bytes, one: int, other: int) -> tuple[int, int]:
    """Begin and end of a part, mostly a short one."""
    begin = one % (len(content) + 1)
    return begin, min(len(content), begin + (other % 64 if other % 4 else other % (len(content) + 1)))


def _without(content: bytes, one: int, other: int) -> bytes:
    begin, end = _part(content, one, other)
    return content[:begin] + content[end:]


def _repeat(content: bytes, one: int, other: int) -> bytes:
    begin, end = _part(content, one, other)
    times = (2, 30, 1_000, 100_000)[other % 4]
    room = max(LARGEST_BYTES - len(content), 0) // max(end - begin, 1)
    return content[:end] + content[begin:end] * min(times, room) + content[end:]


def _lines(content: bytes, one: int, other: int) -> bytes:
    """A line again and again: in many formats that is a record."""
    begin = content.rfind(b"\n", 0, one % (len(content) + 1)) + 1
    end = content.find(b"\n", begin) + 1 or len(content)
    room = max(LARGEST_BYTES - len(content), 0) // max(end - begin, 1)
    return content[:end] + content[begin:end] * min((1, 100, 100_000)[other % 3], room) + content[end:]


def _splice(content: bytes, one: int, other: int) -> bytes:
    begin, end = _part(content, other, one)
    at = one % (len(content) + 1)
    return content[:at] + content[begin:end] + content[at:]


def _over(content: bytes, one: int, other: int) -> bytes:
    """A part in the place of another: lengths stay as they are."""
    begin, end = _part(content, other, one)
    at = one % (len(content) + 1)
    return content[:at] + content[begin:end] + content[at + end - begin :]


def _number(content: bytes, one: int, other: int) -> bytes:
    """Another number where one stands; in what is no text, over whatever lies there."""
    number = _NUMBERS[other % len(_NUMBERS)]
    found = _NUMBER.search(content, one % (len(content) + 1)) or _NUMBER.search(content)
    if found is None or other % 5 == 0:
        at = one % (len(content) + 1)
        return content[:at] + number + content[at + len(number) :]
    return content[: found.start()] + number + content[found.end() :]


def _piece(content: bytes, one: int, other: int) -> bytes:
    at = one % (len(content) + 1)
    return content[:at] + _PIECES[other % len(_PIECES)] + content[at:]


_CHANGES: tuple[_Change, ...] = (
    _flip,
    _byte,
    _cut,
    _without,
    _repeat,
    _lines,
    _splice,
    _over,
    _number,
    _number,
    _piece,
    _piece,
)

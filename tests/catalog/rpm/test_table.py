"""That reading a table ends, whatever its pages point to. What it holds: `test_sqlite.py`."""

import struct

from rightshift.catalog.rpm import table
from rightshift.model.inventory import Gap
from rightshift.tree.file import MemoryFile

PAGE = 512


def pages(*content: bytes) -> table.Pages:
    file = MemoryFile("a", b"".join(page.ljust(PAGE, b"\0") for page in content))
    return table.Pages(file, PAGE, PAGE, file.size)


def interior(*children: int) -> bytes:
    cells = [PAGE - 5 * number for number in range(1, len(children))]
    head = struct.pack(">BHHHBI", 5, 0, len(cells), 0, 0, children[-1]) + struct.pack(f">{len(cells)}H", *cells)
    body = b"".join(struct.pack(">IB", child, 1) for child in reversed(children[:-1]))
    return head + b"\0" * (PAGE - len(head) - len(body)) + body


def leaf(cells: list[int], content: bytes = b"") -> bytes:
    head = struct.pack(">BHHHB", 13, 0, len(cells), 0, 0) + struct.pack(f">{len(cells)}H", *cells)
    return head + b"\0" * (PAGE - len(head) - len(content)) + content


def read(found: table.Pages, root: int = 2) -> list[bytes | Gap]:
    return list(table.rows(found, root))


def test_rows_of_a_page() -> None:
    assert read(pages(b"", leaf([PAGE - 6], b"\x04\x01abcd"))) == [b"abcd"]


def test_pages_that_lead_in_circles_are_read_once() -> None:
    found = read(pages(b"", interior(3, 4, 2), interior(2, 4), leaf([PAGE - 3], b"\x01\x01x")))
    assert [row for row in found if isinstance(row, bytes)] == [b"x"]
    assert len(found) == 3


def test_pages_that_are_not_there_cost_one_gap() -> None:
    found = read(pages(b"", interior(*range(3, 60), 3), leaf([PAGE - 3], b"\x01\x01x")))
    assert [row for row in found if isinstance(row, bytes)] == [b"x"]
    assert len([row for row in found if isinstance(row, Gap)]) == 2


def test_rows_that_lie_over_each_other_end_with_their_page() -> None:
    row = b"\x82\x00\x01" + b"x" * 256
    found = read(pages(b"", leaf([PAGE - len(row)] * 100, row)))
    assert [type(item) for item in found] == [bytes, bytes, Gap]


def test_a_long_row_whose_pages_are_used_twice_is_read_once() -> None:
    row = b"\x88\x00\x01" + b"x" * 100 + struct.pack(">I", 3)
    found = read(pages(b"", leaf([PAGE - 200, PAGE - 200], row.ljust(200, b"\0")), struct.pack(">I", 3)))
    assert all(isinstance(item, Gap) for item in found)
    assert len(found) == 2


def test_numbers_of_any_length() -> None:
    payload = bytes([8, 0, 1, 4, 5, 8, 9, 7]) + b"\xff" + b"\xff" * 4 + b"\x01" * 6 + b"\0" * 8
    assert table.columns(payload) == [None, -1, -1, 0x010101010101, 0, 1, None]

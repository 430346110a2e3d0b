"""What a child names on the page is what its parent sees there."""

import os

from hypothesis import given
from hypothesis import strategies as st

from rightshift.scan import page as shared
from rightshift.scan.page import PAGE_BYTES, Page


@given(st.text())
def test_the_page_shows_what_is_read(path: str) -> None:
    fd = shared.new()
    child, parent = Page(fd), Page(fd)
    os.close(fd)
    before, _ = parent.look()
    child.reading(path)
    after, shown = parent.look()
    assert after > before
    assert shown == path
    child.beat()
    assert parent.look() == (after + 1, path)
    child.close()
    parent.close()


def test_a_name_longer_than_the_page_is_cut_and_a_length_that_lies_reads_nothing_beyond() -> None:
    fd = shared.new()
    page = Page(fd)
    page.reading("x" * PAGE_BYTES * 2)
    assert 0 < len(page.look()[1]) < PAGE_BYTES
    os.pwrite(fd, b"\xff" * 12, 0)
    assert len(page.look()[1]) < PAGE_BYTES
    page.close()
    os.close(fd)

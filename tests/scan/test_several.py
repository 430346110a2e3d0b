"""Documents come in the order of their names, whichever is ready first, and no more wait than may."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.documents.scan import ScanDocument, of
from rightshift.errors import RightshiftError, SourceError
from rightshift.model.inventory import Inventory, Subject
from rightshift.scan.several import AHEAD, scan_each


def document(name: str) -> ScanDocument:
    subject = Subject(kind="directory", name=name)
    return of(subject, Inventory(packages=()), created="2026-01-05T08:00:00Z", id="0" * 32, catalogue="")


def name(found: ScanDocument | RightshiftError) -> str:
    return found.what if isinstance(found, RightshiftError) else found.subject.name


@given(st.lists(st.text(max_size=3), max_size=9), st.integers(1, 4))
def test_each_name_has_its_document_in_the_order_of_the_names(names: list[str], at_once: int) -> None:
    assert [(text, name(found)) for text, found in scan_each(names, document, at_once)] == [(n, n) for n in names]


def test_the_first_is_given_first_though_the_second_is_ready_before() -> None:
    second = threading.Event()

    def scan(text: str) -> ScanDocument:
        if text == "first":
            assert second.wait(10)
        else:
            second.set()
        return document(text)

    assert [name(found) for _, found in scan_each(["first", "second"], scan, 2)] == ["first", "second"]


@pytest.mark.parametrize("names", [["bad"], ["good", "bad", "better"]])
def test_one_that_fails_does_not_stop_the_others(names: list[str]) -> None:
    def scan(text: str) -> ScanDocument:
        if text == "bad":
            raise SourceError("it is bad")
        return document(text)

    found = dict(scan_each(names, scan, 2))
    assert name(found["bad"]) == "it is bad"
    assert [text for text in names if isinstance(found[text], ScanDocument)] == [t for t in names if t != "bad"]


def test_a_mistake_is_raised_where_its_turn_is() -> None:
    def scan(text: str) -> ScanDocument:
        if text == "b":
            raise ZeroDivisionError
        return document(text)

    each = scan_each(["a", "b", "c"], scan, 2)
    assert next(each)[0] == "a"
    with pytest.raises(ZeroDivisionError):
        next(each)


def test_no_more_are_begun_than_may_wait() -> None:
    begun: list[str] = []
    names = [str(number) for number in range(40)]

    def scan(text: str) -> ScanDocument:
        begun.append(text)
        return document(text)

    for number, _ in enumerate(scan_each(names, scan, 2)):
        assert len(begun) <= number + 1 + 2 * AHEAD

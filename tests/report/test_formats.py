"""What holds for every format: kept output, ordinary and hostile, and nothing in it that acts on a screen."""

import io
import os
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from rightshift import parts
from rightshift.documents import scan
from rightshift.errors import UsageError
from rightshift.model.inventory import Inventory, Subject
from rightshift.report import format as formats
from rightshift.report.result import Result
from tests.report.sample import BARE, HOSTILE, MATCHES, MINIMIST, ORDINARY

SUBJECT = Subject(kind="directory", name="shop")
ENDINGS = {
    "table": "txt",
    "json": "json",
    "csv": "csv",
    "markdown": "md",
    "sarif": "sarif",
    "cyclonedx": "cdx.json",
    "spdx": "spdx.json",
}
each = pytest.mark.parametrize("name", [name for name, _ in formats.declared()])


def written(name: str, result: Result = ORDINARY) -> bytes:
    out = io.BytesIO()
    formats.named(name).write(result, out)
    return out.getvalue()


@each
def test_an_ordinary_result_looks_as_it_did(name: str, snapshot: Callable[[str, bytes], None]) -> None:
    snapshot(f"ordinary.{ENDINGS[name]}", written(name))


@each
def test_a_hostile_result_looks_as_it_did(name: str, snapshot: Callable[[str, bytes], None]) -> None:
    snapshot(f"hostile.{ENDINGS[name]}", written(name, HOSTILE))


@each
def test_without_matches_there_is_still_a_report(name: str, snapshot: Callable[[str, bytes], None]) -> None:
    snapshot(f"bare.{ENDINGS[name]}", written(name, BARE))


@each
def test_nothing_hostile_acts_on_a_screen(name: str) -> None:
    text = written(name, HOSTILE).decode()
    assert all(character.isprintable() or character in "\r\n" for character in text)


@each
def test_no_line_is_forged(name: str) -> None:
    assert not [line for line in written(name, HOSTILE).decode().splitlines() if line.startswith("::error")]


@each
def test_the_same_result_gives_the_same_bytes_in_any_place(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(name)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("HOME", "/elsewhere")
    time.tzset()
    mask = os.umask(0o077)
    try:
        assert written(name) == before
    finally:
        os.umask(mask)
        monkeypatch.undo()
        time.tzset()


@each
def test_many_matches_are_written_in_many_pieces(name: str) -> None:
    sizes: list[int] = []

    class Counting:
        def write(self, content: bytes) -> None:
            sizes.append(len(content))

    packages = tuple(replace(MINIMIST, name=f"package-{at}") for at in range(2_000))
    document = scan.of(SUBJECT, Inventory(packages=packages), created="", id="", catalogue="")
    many = tuple(replace(MATCHES[2], package=package) for package in packages)
    formats.named(name).write(Result(document=document, feed=ORDINARY.feed, matches=many), Counting())
    assert max(sizes) < 60_000


@pytest.mark.parametrize("name", ["", "nothing", "../table", "result", "format", "table.write"])
def test_what_is_no_format_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(UsageError, match="table"):
        formats.named(name)


def test_each_format_has_a_title() -> None:
    assert all(form.title for _, form in formats.declared())
    assert set(formats.names()) == set(ENDINGS)


def test_whatever_lies_in_the_folder_is_a_format_or_known_to_be_none() -> None:
    modules = {name.rpartition(".")[2] for name in parts.names("rightshift.report")}
    for name in modules:
        if name in ("format", "result"):
            with pytest.raises(UsageError):
                formats.named(name)
        else:
            assert formats.named(name).title

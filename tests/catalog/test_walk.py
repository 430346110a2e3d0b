"""Files go to the formats that want them, and whatever is wrong with one file costs that file alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from rightshift.catalog import walk
from rightshift.catalog.declared import Declared
from rightshift.catalog.format import Format, Found
from rightshift.catalog.index import Index
from rightshift.catalog.walk import Grouped, Reading
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Owned, Package
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import MemoryFile

GOOD = Package(ecosystem="cargo", name="good", version="1")
TOGETHER = Format(name="g", ecosystem="cargo", title="", patterns=("x",), limit_bytes=9, read_group=lambda _: [GOOD])


def index_of(form: Format) -> Index:
    declared = Declared("", form.name, form.ecosystem, form.title, form.patterns, form.executables, form.limit_bytes)
    vars(declared)["format"] = form
    return Index([declared])


def reading(read: Callable[[bytes], Iterable[Found]], limit_bytes: int = 100) -> Index:
    return index_of(Format(name="f", ecosystem="cargo", title="", patterns=("x",), limit_bytes=limit_bytes, read=read))


def body(path: str, content: bytes = b"") -> Body:
    return Body(path, 0o644, MemoryFile(path, content))


def test_a_package_without_a_place_lies_where_it_was_read() -> None:
    (found,) = walk.read([body("a/x")], reading(lambda _: [GOOD]))
    assert isinstance(found, Reading)
    assert [package.locations for package in found.packages] == [("a/x",)]


def test_gaps_and_folders_left_out_pass_through() -> None:
    items: list[Body | Gap | Skipped] = [Gap("a", "unreadable"), Skipped("proc", "pseudo")]
    assert list(walk.read(items, reading(lambda _: []))) == items


def broken(content: bytes) -> Iterator[Found]:
    yield GOOD
    if content == b"malformed":
        raise Malformed("not what it says")
    if content == b"deep":
        raise RecursionError
    if content == b"memory":
        raise MemoryError
    if content == b"gap":
        yield Gap("", "one bad stanza")
        return
    raise ZeroDivisionError("a mistake")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"malformed", "f: not what it says"),
        (b"deep", "f: RecursionError"),
        (b"memory", "f: MemoryError"),
        (b"gap", "f: one bad stanza"),
        (b"mistake", "f: the reader failed: ZeroDivisionError: a mistake"),
    ],
)
def test_what_goes_wrong_is_a_gap_beside_what_was_good(content: bytes, reason: str) -> None:
    gap, found = walk.read([body("x", content)], reading(broken))
    assert gap == Gap("x", reason)
    assert isinstance(found, Reading)
    assert [package.name for package in found.packages] == ["good"]


def test_a_file_over_the_limit_is_not_read() -> None:
    (gap,) = walk.read([body("x", b"12345")], reading(lambda _: [GOOD], limit_bytes=4))
    assert gap == Gap("x", "f: larger than 4 bytes")


@pytest.mark.parametrize("name", ["", "n" * 1025])
def test_a_package_without_a_sane_name_is_a_gap(name: str) -> None:
    gap, found = walk.read([body("x")], reading(lambda _: [Package(ecosystem="cargo", name=name)]))
    assert isinstance(gap, Gap)
    assert found == Reading("x", "f")


def test_the_same_loss_in_one_file_is_told_once() -> None:
    names = ["", "", "x" * 2000, "y" * 3000]
    read = reading(lambda _: [Package(ecosystem="cargo", name=name, version="1") for name in names])
    gaps = [found.reason for found in walk.read([body("x")], read) if isinstance(found, Gap)]
    assert gaps == ["f: a package without a name", "f: a name of over 1024 characters"]


def test_files_that_belong_together_can_be_left_for_a_reader_that_has_them_all() -> None:
    together = Format(
        name="g",
        ecosystem="cargo",
        title="",
        patterns=("x",),
        limit_bytes=9,
        read_group=lambda _: [GOOD],
        group=str.lower,
    )
    items = [body("a/x"), body("b/x")]
    assert list(walk.read(items, index_of(together), kept="elsewhere")) == [Grouped("a/x"), Grouped("b/x")]
    assert list(walk.read(items, reading(lambda _: [GOOD]), kept="only")) == []
    (first, second) = walk.read(items, index_of(together), kept="only")
    assert isinstance(first, Reading)
    assert isinstance(second, Reading)
    assert (first.path, second.path) == ("a/x", "b/x")


def test_a_name_that_can_not_be_opened_by_what_is_shown_is_read_where_it_is() -> None:
    together = Format(
        name="g", ecosystem="cargo", title="", patterns=("x",), limit_bytes=9, read_group=lambda _: [GOOD]
    )
    (found,) = walk.read([body("\\xff/x")], index_of(together), kept="elsewhere")
    assert isinstance(found, Reading)


def test_files_that_belong_together_are_read_together() -> None:
    def group(members: Mapping[str, bytes]) -> Iterator[Found]:
        yield Package(ecosystem="cargo", name="+".join(members), version=b"".join(members.values()).decode())

    form = Format(name="g", ecosystem="cargo", title="", patterns=("x", "y"), limit_bytes=9, read_group=group)
    found = walk.read([body("b/y", b"2"), body("a/x", b"3"), body("b/x", b"1")], index_of(form))
    names = [
        (item.path, item.packages[0].name, item.packages[0].version) for item in found if isinstance(item, Reading)
    ]
    assert names == [("a/x", "a/x", "3"), ("b/x", "b/x+b/y", "12")]


def test_executables_go_to_the_formats_that_look_into_them() -> None:
    form = Format(name="e", ecosystem="cargo", title="", executables=True, limit_bytes=9, read_file=lambda _: [GOOD])
    assert len(list(walk.read([body("bin/tool")], index_of(form)))) == 1


def test_owned_files_are_kept_where_packages_may_be_found_in_them() -> None:
    owned = Owned("base", "amd64", ("usr/share/doc/base/README", "usr/bin/tool", "usr/lib/x"))
    (found,) = walk.read([body("x")], reading(lambda _: [owned, Distro("debian")]))
    assert isinstance(found, Reading)
    assert found.owned == (Owned("base", "amd64", ("usr/bin/tool", "usr/lib/x")),)
    assert found.distros == (Distro("debian"),)


def test_whoever_watches_may_refuse_a_file() -> None:
    @contextmanager
    def around(path: str) -> Iterator[None]:
        if path == "x":
            raise Malformed("it ended a child before")
        yield

    gap, _, found = walk.read([body("x"), body("b/x")], reading(lambda _: [GOOD]), around)
    assert gap == Gap("x", "f: it ended a child before")
    assert isinstance(found, Reading)

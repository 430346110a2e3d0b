"""What one sees at the top of layers: examples, then against a file system on which the layers are really unpacked."""

import io
import tarfile
from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rightshift.tree.changes import Changes, Recorder
from rightshift.tree.layers import LayerReader
from rightshift.tree.whiteouts import Asked, Stack
from tests.tree.test_tar import info, written
from tests.tree.wanted import Ends, bodies

DIR, LINK, HARD, FILE = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.REGTYPE


def layer(*members: str | tuple[str, bytes, str]) -> Changes:
    """The changes of a layer: files by name, folders with a slash at the end, links as a tuple."""
    infos = [info(m.rstrip("/"), DIR if m.endswith("/") else FILE) if isinstance(m, str) else info(*m) for m in members]
    reader = LayerReader(io.BytesIO(written([(one, b"") for one in infos])), Ends("a.lock", "dpkg/status"))
    list(reader)
    return Changes.unpack(reader.outcome.changes.pack())


def seen(layers: Sequence[Changes], *files: tuple[int, str]) -> list[bool]:
    stack = Stack(layers)
    return [stack.visible(number, path) for number, path in files]


def test_a_whiteout_removes_a_file_or_a_whole_folder_of_lower_layers() -> None:
    lower = layer("a/b/c", "a/b/d", "e")
    assert seen([lower, layer("a/b/.wh.c")], (0, "a/b/c"), (0, "a/b/d")) == [False, True]
    assert seen([lower, layer("a/.wh.b")], (0, "a/b/c"), (0, "e")) == [False, True]
    assert seen([lower, layer(".wh.a"), layer("x")], (0, "a/b/c"), (0, "e"), (2, "x")) == [False, True, True]


def test_a_whiteout_does_not_remove_what_its_own_layer_or_a_later_one_brings() -> None:
    layers = [layer("etc/x"), layer("etc/.wh.x", "etc/x"), layer("y"), layer("etc/.wh.x")]
    assert seen(layers[:3], (0, "etc/x"), (1, "etc/x")) == [False, True]
    assert seen(layers, (1, "etc/x")) == [False]
    assert seen([layer("x"), layer(".wh.x"), layer("x")], (0, "x"), (2, "x")) == [False, True]


def test_an_opaque_folder_hides_what_lies_below_it_and_not_what_comes_with_it() -> None:
    layers = [layer("a/b/1", "c"), layer("a/.wh..wh..opq", "a/b/2")]
    assert seen(layers, (0, "a/b/1"), (0, "c"), (1, "a/b/2")) == [False, True, True]
    assert seen([layer("a"), layer(".wh..wh..opq", "b")], (0, "a"), (1, "b")) == [False, True]


def test_a_later_file_folder_or_link_replaces_what_lay_at_its_path_and_below() -> None:
    lower = layer("a/b", "c")
    assert seen([lower, layer("a/b")], (0, "a/b"), (1, "a/b")) == [False, True]
    assert seen([lower, layer("a")], (0, "a/b"), (0, "c")) == [False, True]
    assert seen([lower, layer(("a", LINK, "elsewhere"))], (0, "a/b")) == [False]
    assert seen([lower, layer("c/")], (0, "c")) == [False]
    assert seen([lower, layer("a/")], (0, "a/b")) == [True]


def test_paths_of_a_later_layer_lead_through_the_links_of_lower_ones() -> None:
    merged = layer("usr/lib/", ("lib", LINK, "usr/lib"), "usr/lib/apk/db/installed")
    stack = Stack([merged, layer("lib/apk/db/installed"), layer("lib/apk/.wh.db")])
    assert stack.canonical(1, "lib/apk/db/installed") == "usr/lib/apk/db/installed"
    assert [stack.visible(0, "usr/lib/apk/db/installed"), stack.visible(1, "lib/apk/db/installed")] == [False, False]
    upper = Stack([merged, layer("lib/apk/db/installed")])
    assert [upper.visible(0, "usr/lib/apk/db/installed"), upper.visible(1, "lib/apk/db/installed")] == [False, True]
    assert upper.resolve("usr/lib/apk/db/installed") == upper.resolve("lib/apk/db/installed")
    assert upper.resolve("lib/apk/db/installed") == (1, "lib/apk/db/installed")


def test_a_folder_with_a_member_of_its_own_replaces_a_link() -> None:
    layers = [layer("usr/lib/x", ("lib", LINK, "usr/lib")), layer("lib/", "lib/x")]
    assert seen(layers, (0, "usr/lib/x"), (1, "lib/x")) == [True, True]
    assert Stack(layers).canonical(1, "lib/x") == "lib/x"


def test_a_file_through_a_link_of_its_own_layer_is_a_file_inside() -> None:
    stack = Stack([layer(("x", LINK, "/etc"), "x/passwd")])
    assert stack.canonical(0, "x/passwd") == "etc/passwd"
    assert stack.resolve("etc/passwd") == (0, "x/passwd")


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/srv/status", (0, "srv/status")),
        ("../../srv/status", (0, "srv/status")),
        ("../../../../../../srv/status", (0, "srv/status")),
        ("/nothing", None),
        ("/srv", None),
        ("status", None),
        ("/link/status", (0, "srv/status")),
        ("", None),
    ],
)
def test_a_wanted_link_is_followed_inside_the_image(target: str, found: tuple[int, str] | None) -> None:
    lower = layer("srv/status", ("link", LINK, "srv"))
    stack = Stack([lower, layer(("dpkg/x/../status", LINK, target or "."))])
    assert stack.asked() == [Asked(1, "dpkg/status", found)]


def test_links_in_a_circle_end() -> None:
    stack = Stack([layer(("a", LINK, "b"), ("b", LINK, "a"), ("dpkg/status", LINK, "../a/x"), ("c", LINK, "c/c/c"))])
    assert stack.resolve("c") is None
    assert stack.asked() == [Asked(0, "dpkg/status", None)]


def test_hard_links_lead_to_the_member_that_has_the_body() -> None:
    lower = layer("store/1", ("store/2", HARD, "store/1"), ("x/a.lock", HARD, "./store/2"), ("y/a.lock", HARD, "gone"))
    assert Stack([lower]).asked() == [Asked(0, "x/a.lock", (0, "store/1")), Asked(0, "y/a.lock", None)]
    assert Stack([lower, layer("x/.wh.a.lock")]).asked() == [Asked(0, "y/a.lock", None)]
    above = Stack([lower, layer(("z/a.lock", HARD, "store/1"))])
    assert Asked(1, "z/a.lock", (0, "store/1")) in above.asked()
    assert above.resolve("z/a.lock") == (0, "store/1")


def test_a_link_that_a_later_layer_hides_is_not_asked_for() -> None:
    lower = layer(("dpkg/status", LINK, "/x"), "x")
    assert Stack([lower, layer(".wh.dpkg")]).asked() == []
    assert Stack([lower, layer("dpkg/status")]).asked() == []


def test_the_body_of_a_link_is_read_in_a_second_pass() -> None:
    content = written([(info("srv/1"), b"content"), (info("a.lock", LINK, "srv/1"), b"")])
    first = LayerReader(io.BytesIO(content), Ends("a.lock"))
    assert bodies(first) == {}
    (asked,) = Stack([first.outcome.changes]).asked()
    assert asked.target is not None
    second = LayerReader(io.BytesIO(content), Ends(), also={asked.target[1]: 1 << 20})
    assert bodies(second) == {"srv/1": b"content"}


def test_thousands_of_links_and_layers_are_laid_in_a_breath() -> None:
    many = layer(*((f"d{i % 50}/l{i}", LINK, f"../d{i % 7}") for i in range(5000)))
    layers = [many] + [layer(f"d{i}/new", f"d{i}/.wh.l{i}") for i in range(40)]
    stack = Stack(layers)
    assert sum(stack.visible(0, f"d{i % 50}/l{i}x") for i in range(5000)) == 5000


# The model: layers unpacked one after the other into a dict, the way a runtime does it on disk.

Op = tuple[str, str, str]
part = st.sampled_from("abc")
path = st.lists(part, min_size=1, max_size=3).map("/".join)
target = st.builds(lambda up, p: up + p, st.sampled_from(["", "/", "../", "./"]), path)
op: st.SearchStrategy[Op] = st.one_of(
    st.tuples(st.just("file"), path, st.just("")),
    st.tuples(st.just("dir"), path, st.just("")),
    st.tuples(st.just("link"), path, target),
    st.tuples(st.just("gone"), path, st.just("")),
    st.tuples(st.just("opaque"), path, st.just("")),
)


class Unpacked:
    """Paths with what lies there: a folder, or a file or link with the layer and path that brought it."""

    def __init__(self) -> None:
        self.at: dict[str, tuple[str, int, str, str]] = {}

    def real(self, name: str) -> str:
        """A folder's path with links followed, folders made on the way."""
        done: list[str] = []
        todo, steps = name.split("/")[::-1], 0
        while todo:
            steps += 1
            assume(steps < 30)
            piece = todo.pop()
            if piece in ("", "."):
                continue
            if piece == "..":
                done = done[:-1]
                continue
            here = "/".join([*done, piece])
            kind, _, _, goal = self.at.setdefault(here, ("dir", -1, here, ""))
            assume(kind != "file")
            if kind == "link":
                done = [] if goal.startswith("/") else done
                todo += goal.split("/")[::-1]
            else:
                done.append(piece)
        return "/".join(done)

    def remove(self, name: str) -> None:
        for one in [one for one in self.at if one == name or one.startswith(name + "/")]:
            del self.at[one]

    def place(self, name: str) -> str:
        above, _, last = name.rpartition("/")
        folder = self.real(above)
        return f"{folder}/{last}" if folder else last

    def replaced(self, name: str, ops: list[Op]) -> bool:
        """Whether the layer has a folder of its own above a path where a link was: then it lies in that folder."""
        above = [name[:at] for at, sign in enumerate(name) if sign == "/"]
        own = {folder for kind, folder, _ in ops if kind == "dir"}
        return any(self.at.get(self.place(one), ("",))[0] == "link" for one in above if one in own)

    def lay(self, number: int, ops: list[Op]) -> None:
        for kind, name, _ in ops:
            if kind in ("gone", "opaque") and self.replaced(name, ops):
                continue
            if kind == "gone":
                self.remove(self.place(name))
            elif kind == "opaque":
                folder = self.real(name)
                assume(not name.startswith(folder + "/"))
                for one in [one for one in self.at if one.startswith(folder + "/")]:
                    del self.at[one]
        for kind, name, goal in ops:
            if kind not in ("file", "dir", "link"):
                continue
            here = self.place(name)
            if not (kind == "dir" and self.at.get(here, ("",))[0] == "dir"):
                assume(
                    not any(found[1] == number for one, found in self.at.items() if f"{one}/".startswith(here + "/"))
                )
                self.remove(here)
                self.at[here] = (kind, number, name, goal)


def recorded(ops: list[Op]) -> Changes:
    recorder = Recorder()
    for kind, name, goal in ops:
        match kind:
            case "file":
                recorder.file(name)
            case "dir":
                recorder.folder(name)
            case "link":
                recorder.symlink(name, goal)
            case "gone":
                recorder.remove(name)
            case _:
                recorder.opaque(name)
    return recorder.changes()


def plain(ops: list[Op]) -> list[Op]:
    """A layer as tools write it: each path once, folders first, nothing below its own files and links."""
    kept: dict[str, Op] = {}
    for one in ops:
        kept.setdefault(one[1], one)
    ends = {name for kind, name, _ in kept.values() if kind in ("file", "link")}
    in_order = sorted(kept.values(), key=lambda one: one[1])
    return [one for one in in_order if not any(one[1].startswith(end + "/") for end in ends)]


@given(st.lists(st.lists(op, max_size=6).map(plain), min_size=1, max_size=4))
@example(
    [  # umoci leaves a/c too: the folder c takes the link's place, and what is gone below it was never there
        [("file", "a/c", ""), ("file", "b", ""), ("link", "c", "a")],
        [("file", "a/a", ""), ("dir", "c", ""), ("gone", "c/c", "")],
    ]
)
@example([[("link", "b", "c"), ("link", "c/b", "/a")], [("file", "b/b/a", "")]])
def test_the_same_files_are_seen_as_when_the_layers_are_unpacked(layers: list[list[Op]]) -> None:
    disk = Unpacked()
    for number, ops in enumerate(layers):
        disk.lay(number, ops)
    expected = {(n, name) for kind, n, name, _ in disk.at.values() if kind == "file"}
    stack = Stack([Changes.unpack(recorded(ops).pack()) for ops in layers])
    files = {(n, name) for n, ops in enumerate(layers) for kind, name, _ in ops if kind == "file"}
    assert {one for one in files if stack.visible(*one)} == expected
    for real, (kind, number, name, _) in disk.at.items():
        if kind == "file":
            assert stack.resolve(real) == (number, name)
            assert stack.canonical(number, name) == real

"""Changes as they are kept: what is packed comes out equal, and nothing else passes for it."""

from array import array
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.tree import changes
from rightshift.tree.changes import Changes, Keys, MalformedChanges, Recorder, key

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
keys = st.lists(st.integers(0, (1 << 64) - 1), max_size=20).map(lambda some: Keys(array("Q", some)))
some_changes = st.builds(
    Changes,
    *[keys] * 5,
    st.dictionaries(texts, texts, max_size=5),
    st.dictionaries(texts, texts, max_size=5),
    st.lists(texts, max_size=5).map(tuple),
)


@given(some_changes)
def test_what_is_packed_comes_out_equal(one: Changes) -> None:
    assert Changes.unpack(one.pack()) == one


@given(some_changes, st.integers(0, 10_000), st.integers(0, 255), st.binary(max_size=100))
def test_no_bytes_raise_anything_else(one: Changes, place: int, value: int, noise: bytes) -> None:
    changed = bytearray(one.pack())
    changed[place % len(changed)] = value
    for content in (bytes(changed), bytes(changed[: place % len(changed)]), noise, changes.MAGIC + noise):
        with suppress(MalformedChanges):
            Changes.unpack(content)


def test_claimed_counts_are_refused_before_anything_is_made_of_them() -> None:
    packed = bytearray(Changes().pack())
    packed[4:8] = b"\xff\xff\xff\xff"
    with pytest.raises(MalformedChanges):
        Changes.unpack(bytes(packed))


@given(st.sets(st.integers(0, (1 << 64) - 1), max_size=50), st.integers(0, (1 << 64) - 1))
def test_keys_are_a_set(some: set[int], other: int) -> None:
    found = Keys(array("Q", some))
    assert all(one in found for one in some)
    assert (other in found) == (other in some)
    assert list(found) == sorted(some)


def test_very_many_keys_are_sorted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_BUCKETS_FROM", 10)
    some = [key(str(i)) for i in range(1000)]
    assert list(Keys(array("Q", some))) == sorted(some)


def test_folders_on_the_way_are_noted_and_those_with_a_member_apart() -> None:
    recorder = Recorder()
    recorder.folder("usr")
    for name in ("1", "2", "3"):
        recorder.file(f"usr/lib/a/{name}")
    recorder.file("usr/lib/b/1")
    recorder.file("top")
    found = recorder.changes()
    assert list(found.folders) == [key("usr")]
    assert sorted(found.passed) == sorted(map(key, ("usr/lib", "usr/lib/a", "usr/lib/b")))
    assert len(found.files) == 5


def test_more_links_than_are_kept_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LINKS", 2)
    recorder = Recorder()
    assert [recorder.symlink(str(i), "x") for i in range(3)] == [True, True, False]
    assert len(recorder.changes().files) == 3

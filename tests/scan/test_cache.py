"""What is kept comes back as it was, damaged entries never do, and two threads don't read the same blob."""

import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rightshift.catalog.walk import Reading
from rightshift.documents import scan
from rightshift.model.inventory import Gap, Inventory, Subject
from rightshift.model.package import Package
from rightshift.scan import cache as module
from rightshift.scan.cache import Cache, Kept

PACKAGE = Package(ecosystem="apk", name="musl", version="1.2.4", locations=("lib/apk/db/installed",))
KEPT = Kept("sha256:" + "d" * 64, 7, [Reading("lib/apk/db/installed", "apk", (PACKAGE,))], [Gap("x.jar", "no zip")])
DIGEST = "sha256:" + "a" * 64
SAYS_A_TERABYTE = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"
"""A frame of Zstandard with its content's size in front. Source: RFC 8878, "Frame_Header"."""


def document(name: str = "app:1") -> scan.ScanDocument:
    subject = Subject(kind="image", name=name)
    return scan.of(subject, Inventory(packages=(PACKAGE,)), created="2026-01-05T08:00:00Z", id="5f", catalogue="1")


def said(kept: Kept | None) -> object:
    return kept and (kept.diff_id, kept.size_bytes, list(kept.readings), list(kept.gaps), kept.changes.pack())


def entries(folder: Path) -> list[Path]:
    return [file for file in (folder / "layers").rglob("*") if file.is_file()]


def test_a_layer_comes_back_as_it_was_also_in_another_process(tmp_path: Path) -> None:
    first = Cache(tmp_path, "1")
    assert first.get(DIGEST) is None
    first.put(DIGEST, KEPT)
    assert said(first.get(DIGEST)) == said(KEPT)
    assert said(Cache(tmp_path, "1").get(DIGEST)) == said(KEPT)
    assert Cache(tmp_path, "1").get("sha256:" + "b" * 64) is None


def test_other_readers_have_other_entries(tmp_path: Path) -> None:
    Cache(tmp_path, "1").put(DIGEST, KEPT)
    assert Cache(tmp_path, "2").get(DIGEST) is None


def test_an_image_is_known_by_all_its_digests_in_their_order(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "1")
    cache.put_image(["c", "a", "b"], document())
    assert cache.image(["c", "a", "b"]) == document()
    assert cache.image(["c", "b", "a"]) is None
    assert cache.image(["c", "a"]) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(at=st.floats(0, 1), put=st.binary(max_size=3), taken=st.integers(0, 5))
def test_a_damaged_entry_is_no_entry_or_the_same(at: float, put: bytes, taken: int, tmp_path: Path) -> None:
    writing = Cache(tmp_path, "1")
    writing.put(DIGEST, KEPT)
    (entry,) = entries(tmp_path)
    content = entry.read_bytes()
    cut = int(len(content) * at)
    entry.write_bytes(content[:cut] + put + content[cut + taken :])
    found = Cache(tmp_path, "1").get(DIGEST)
    assert found is None or isinstance(found, Kept)


@pytest.mark.parametrize("content", [b"", b"no frame", b"\x28\xb5\x2f\xfd\x00\x00\x01\x00\x00", SAYS_A_TERABYTE])
def test_what_is_no_entry_is_read_again(content: bytes, tmp_path: Path) -> None:
    Cache(tmp_path, "1").put(DIGEST, KEPT)
    (entry,) = entries(tmp_path)
    entry.write_bytes(content)
    assert Cache(tmp_path, "1").get(DIGEST) is None
    assert Cache(tmp_path, "1").image([DIGEST]) is None


def test_an_entry_that_unpacks_to_too_much_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(tmp_path, "1").put(DIGEST, KEPT)
    monkeypatch.setattr(module, "ENTRY_BYTES", 16)
    assert Cache(tmp_path, "1").get(DIGEST) is None


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "layers").write_text("in the way")
    cache = Cache(tmp_path, "1")
    cache.put(DIGEST, KEPT)
    cache.put_image([DIGEST], document())
    cache.trim()
    assert cache.image([DIGEST]) is None


def test_only_the_owner_may_look_inside(tmp_path: Path) -> None:
    Cache(tmp_path, "1").put(DIGEST, KEPT)
    (entry,) = entries(tmp_path)
    assert entry.stat().st_mode & 0o077 == 0


def test_what_was_used_last_goes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path, "1")
    for name in ("old", "middle", "new"):
        cache.put_image([name], document(name))
    times = {cache.image([name]) and name: at for at, name in enumerate(("middle", "new", "old"))}
    assert len(times) == 3
    size = max(entry.stat().st_size for entry in entries(tmp_path))
    monkeypatch.setattr(module, "LIMIT_BYTES", size)
    cache.trim()
    left = [name for name in ("old", "middle", "new") if Cache(tmp_path, "1").image([name])]
    assert left == ["old"]


def test_a_blob_is_read_by_one_thread_and_awaited_by_the_others(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "1")
    assert cache.claim(DIGEST)
    assert not cache.claim(DIGEST)
    seen: list[object] = []

    def wait() -> None:
        cache.wait_for(DIGEST)
        seen.append(said(cache.get(DIGEST)))

    waiting = threading.Thread(target=wait)
    waiting.start()
    cache.put(DIGEST, KEPT)
    cache.release([DIGEST])
    waiting.join(timeout=30)
    assert seen == [said(KEPT)]
    assert cache.claim(DIGEST)

"""One pass over a layer: the same from a stream, packed or not, and from a file; what is damaged is told."""

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap
from rightshift.tree import bodies as bodies_of_members
from rightshift.tree.changes import Changes
from rightshift.tree.entry import Limits
from rightshift.tree.file import DescriptorFile, MemoryFile
from rightshift.tree.layers import LayerReader, Outcome
from tests.tree.test_tar import header, info, written
from tests.tree.wanted import ELF, Ends, sorted_out

LOCK = Ends("a.lock")
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
PROGRAM = info("bin/program")
PROGRAM.mode = 0o755
LAYER = written(
    [
        (info("srv", tarfile.DIRTYPE), b""),
        (info("srv/a.lock"), b"lock" * 3000),
        (info("srv/big"), b"x" * 600_000),
        (PROGRAM, ELF + os.urandom(100_000)),
        (info("end/a.lock"), b"last"),
    ]
)


class Closed:
    """A stream that its reader must not close."""

    def __init__(self, content: bytes) -> None:
        self.read = io.BytesIO(content).read

    def close(self) -> None:
        raise AssertionError("closed by the reader")


def sha(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def read(content: bytes, wants: Ends = LOCK, **options: object) -> tuple[dict[str, bytes], dict[str, str], Outcome]:
    """What a layer gives as a stream; from a file it has to be the same."""
    streamed = LayerReader(Closed(content), wants, **options)  # type: ignore[arg-type]
    found, gaps, _ = sorted_out(streamed)
    in_file = LayerReader(MemoryFile("", content), wants, **options)  # type: ignore[arg-type]
    assert sorted_out(in_file)[0] == found
    assert in_file.outcome.digest == streamed.outcome.digest == sha(content)
    assert in_file.outcome.changes == streamed.outcome.changes
    return found, gaps, streamed.outcome


@pytest.mark.parametrize("kind", PACKED)
def test_bodies_digests_and_sizes_of_each_form(kind: str) -> None:
    content = PACKED[kind](LAYER)
    wants = Ends("a.lock", executables=True)
    found, gaps, outcome = read(content, wants, want_diff_id=True)
    assert list(found) == ["srv/a.lock", "bin/program", "end/a.lock"]
    assert found["srv/a.lock"] == b"lock" * 3000
    assert found["bin/program"].startswith(ELF)
    assert gaps == {}
    assert (outcome.digest, outcome.size_bytes, outcome.compression) == (sha(content), len(content), kind)
    assert (outcome.diff_id, outcome.unpacked_bytes) == (sha(LAYER), len(LAYER))


@pytest.mark.parametrize("kind", PACKED)
def test_a_diff_id_is_only_computed_when_it_is_asked_for(kind: str) -> None:
    assert read(PACKED[kind](LAYER))[2].diff_id == ""


@pytest.mark.parametrize(
    ("media_type", "kind", "right"),
    [
        ("application/vnd.oci.image.layer.v1.tar+gzip", "gzip", True),
        ("application/vnd.oci.image.layer.v1.tar+gzip", "zstd", False),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip", True),
        ("application/vnd.oci.image.layer.v1.tar", "none", True),
        ("application/vnd.oci.image.layer.v1.tar", "gzip", False),
        ("", "zstd", True),
    ],
)
def test_the_bytes_decide_and_another_media_type_is_told(media_type: str, kind: str, right: bool) -> None:
    found, _, outcome = read(PACKED[kind](LAYER), media_type=media_type)
    assert (len(found), outcome.as_declared) == (2, right)


@pytest.mark.parametrize("source", [io.BytesIO(LAYER), MemoryFile("", LAYER)], ids=["stream", "file"])
def test_another_algorithm_proves_the_blob(source: io.BytesIO | MemoryFile) -> None:
    reader = LayerReader(source, LOCK, algorithm="sha512", want_diff_id=True)
    list(reader)
    assert reader.outcome.digest == "sha512:" + hashlib.sha512(LAYER).hexdigest()
    assert reader.outcome.diff_id == sha(LAYER)


def test_a_layer_inside_an_archive_is_read_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "image.tar"
    file.write_bytes(b"before" * 100 + LAYER + b"behind")
    fd = os.open(file, os.O_RDONLY)
    try:
        reader = LayerReader(DescriptorFile("", fd, len(LAYER), 600), LOCK, want_diff_id=True)
        assert list(sorted_out(reader)[0]) == ["srv/a.lock", "end/a.lock"]
        assert reader.outcome.diff_id == sha(LAYER)
    finally:
        os.close(fd)


def test_exact_paths_are_given_besides_what_is_wanted() -> None:
    found, _, _ = read(LAYER, Ends(), also={"srv/big": 1 << 20})
    assert found == {"srv/big": b"x" * 600_000}


def test_a_body_that_is_too_large_is_a_gap_in_a_stream_and_left_to_its_reader_in_a_file() -> None:
    also = {"end/a.lock": 2}
    streamed = sorted_out(LayerReader(io.BytesIO(LAYER), Ends(), also=also))
    assert streamed[:2] == ({}, {"end/a.lock": "larger than 2 bytes: not read"})
    assert sorted_out(LayerReader(MemoryFile("", LAYER), Ends(), also=also))[:2] == ({"end/a.lock": b"last"}, {})


def test_a_large_body_goes_to_a_file_in_memory_that_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies_of_members, "MEMORY_BYTES", 10_000)
    before = len(os.listdir("/proc/self/fd"))
    assert sorted_out(LayerReader(io.BytesIO(LAYER), LOCK))[0]["srv/a.lock"] == b"lock" * 3000
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_reader_that_stops_early_leaves_no_thread() -> None:
    import threading

    for source in (io.BytesIO(LAYER * 50), MemoryFile("", LAYER * 50)):
        items = iter(LayerReader(source, LOCK, want_diff_id=True))
        next(items)
        items.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "hashing"]


def test_the_outcome_is_only_there_at_the_end() -> None:
    reader = LayerReader(io.BytesIO(LAYER), LOCK)
    next(iter(reader))
    with pytest.raises(ValueError, match="not read to its end"):
        _ = reader.outcome


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_cut_layer_gives_what_came_before_and_no_diff_id(kind: str) -> None:
    content = PACKED[kind](LAYER)
    found, gaps, outcome = read(content[: len(content) - 9], want_diff_id=True)
    assert "srv/a.lock" in found
    assert "cut off" in gaps[""]
    assert (outcome.diff_id, outcome.size_bytes) == ("", len(content) - 9)


def test_a_damaged_archive_gives_what_came_before_and_is_hashed_to_its_end() -> None:
    content = written([(info("a.lock"), b"x")])[:1024] + b"damaged" * 1000 + LAYER
    for kind, pack in PACKED.items():
        found, gaps, outcome = read(pack(content), want_diff_id=True)
        assert (found, list(gaps)) == ({"a.lock": b"x"}, [""])
        assert outcome.diff_id == sha(content), kind


def test_a_size_that_the_data_does_not_back_costs_that_member_and_no_memory() -> None:
    content = written([(info("a.lock"), b"x")])[:1024] + header(b"b/a.lock", b"00003777777\0") + b"short"
    found, gaps, _ = read(content)
    assert found == {"a.lock": b"x"}
    assert gaps == {"": "cut off in the body of b/a.lock"}


def test_links_are_recorded_and_wanted_ones_named() -> None:
    content = written(
        [
            (info("a.lock", tarfile.SYMTYPE, "../store/1"), b""),
            (info("lib", tarfile.SYMTYPE, "usr/lib"), b""),
            (info("b/a.lock", tarfile.LNKTYPE, "./store/1"), b""),
            (info("c/a.lock", tarfile.LNKTYPE, "../../x"), b""),
        ]
    )
    found, gaps, outcome = read(content)
    assert (found, list(gaps)) == ({}, ["c/a.lock"])
    assert outcome.changes.links == {"a.lock": "../store/1", "lib": "usr/lib"}
    assert outcome.changes.hard == {"b/a.lock": "store/1"}
    assert outcome.changes.wanted == ("a.lock", "b/a.lock")


def test_what_replaces_a_link_in_the_same_layer_is_no_link() -> None:
    content = written([(info("a.lock", tarfile.SYMTYPE, "x"), b""), (info("a.lock"), b"own")])
    found, _, outcome = read(content)
    assert (found, outcome.changes.links, outcome.changes.wanted) == ({"a.lock": b"own"}, {}, ())


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "etc/.wh.."])
def test_a_whiteout_without_a_name_is_a_gap(name: str) -> None:
    _, gaps, outcome = read(written([(info(name), b"")]))
    assert list(gaps) == [name]
    assert not len(outcome.changes.removed)


def test_devices_folders_and_sparse_files_at_wanted_paths_are_gaps() -> None:
    sparse = bytearray(header(b"s/a.lock", flag=b"S"))
    content = bytes(sparse) + written([(info("a.lock", tarfile.FIFOTYPE), b""), (info("lib/db", tarfile.DIRTYPE), b"")])
    found, gaps, _ = read(content, Ends("a.lock", "lib/db"))
    assert (found, set(gaps)) == ({}, {"s/a.lock", "a.lock", "lib/db"})


def test_too_many_members_end_the_layer_with_a_gap() -> None:
    content = written([(info(f"{i}/a.lock"), b"x") for i in range(20)])
    found, gaps, outcome = read(content, limits=Limits(entries=5), want_diff_id=True)
    assert len(found) == 5
    assert gaps == {"": "more than 5 members: the rest was not read"}
    assert outcome.diff_id == sha(content)


def test_what_unpacks_to_more_than_is_read_is_a_gap() -> None:
    content = gzip.compress(LAYER + bytes(20 << 20))
    found, gaps, outcome = read(content, limits=Limits(unpacked_bytes=5 << 20), want_diff_id=True)
    assert len(found) == 2
    assert "unpacks to more than" in gaps[""]
    assert outcome.diff_id == ""


class Breaking:
    """A stream that breaks off on its way."""

    def __init__(self, content: bytes, error: Exception) -> None:
        self._parts: Iterator[bytes] = iter([content])
        self._error = error

    def read(self, size: int, /) -> bytes:
        part = next(self._parts, None)
        if part is None:
            raise self._error
        assert len(part) <= size
        return part

    def close(self) -> None: ...


@pytest.mark.parametrize("error", [OSError("reset"), SourceError("the registry hung up")])
def test_what_the_source_raises_comes_through(error: Exception) -> None:
    reader = LayerReader(Breaking(gzip.compress(LAYER)[:50_000], error), LOCK)
    with pytest.raises(type(error)):
        list(reader)
    with pytest.raises(ValueError, match="not read to its end"):
        _ = reader.outcome


@given(st.binary(max_size=2000), st.sampled_from(sorted(PACKED)), st.integers(0, 1 << 20), st.integers(0, 255))
def test_no_bytes_raise_anything(noise: bytes, kind: str, place: int, value: int) -> None:
    changed = bytearray(LAYER[:3000] + noise)
    changed[place % len(changed)] = value
    for content in (noise, PACKED[kind](bytes(changed)), PACKED[kind](bytes(changed))[:-7]):
        for source in (io.BytesIO(content), MemoryFile("", content)):
            reader = LayerReader(source, Ends("a.lock", executables=True), want_diff_id=True)
            assert all(not isinstance(item, Gap) or item.reason for item in reader)
            assert reader.outcome.digest == sha(content)
            packed = reader.outcome.changes.pack()
            assert Changes.unpack(packed) == reader.outcome.changes
    with suppress(ValueError):
        Changes.unpack(noise)

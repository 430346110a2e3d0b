"""containerd's store, built by hand; by containerd itself: `test_real.py`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import Blob, DiffDirectory, ImageMaterial
from tests.source import images
from tests.source.daemons import bolts
from tests.source.images import Blobs

META = "io.containerd.metadata.v1.bolt/meta.db"
SNAPSHOTS = "io.containerd.snapshotter.v1.overlayfs"
DIFF_IDS = [images.digest(images.tar({"a": b"1"})), images.digest(images.tar({"b": b"2"}))]
CHAIN = [DIFF_IDS[0], images.digest(f"{DIFF_IDS[0]} {DIFF_IDS[1]}".encode())]
CONTAINER = b"abcdef" + b"0" * 58


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _target(made: Blobs) -> dict[bytes, bolts.Value]:
    content = made.manifest
    return {
        b"digest": content["digest"].encode(),
        b"mediatype": content["mediaType"].encode(),
        b"size": _varint(content["size"] * 2),
    }


def _files(made: Blobs, space: bytes = b"k8s.io", snapshotter: bytes = b"overlayfs") -> dict[str, bytes]:
    keys = [*CHAIN, "container"]
    names = [b"k8s.io/%d/%s" % (number, key.encode()) for number, key in enumerate(keys)]
    rows: dict[bytes, bolts.Value] = {key.encode(): {b"name": name} for key, name in zip(keys, names, strict=True)}
    named: dict[bytes, bolts.Value] = {
        b"docker.io/team/app:1": {b"target": _target(made)},
        made.config["digest"].encode(): {b"target": _target(made)},
    }
    meta: dict[bytes, bolts.Value] = {
        b"v1": {
            b"default": {b"images": {}},
            space: {
                b"images": named,
                b"snapshots": {b"overlayfs": rows},
                b"containers": {
                    CONTAINER: {
                        b"image": b"docker.io/team/app:1",
                        b"snapshotter": snapshotter,
                        b"snapshotKey": b"container",
                    }
                },
            },
            b"version": b"3",
        }
    }
    numbers: dict[bytes, bolts.Value] = {
        b"v1": {b"snapshots": {name: {b"id": _varint(200 + i)} for i, name in enumerate(names)}}
    }
    files = {META: bolts.database(meta), f"{SNAPSHOTS}/metadata.db": bolts.database(numbers)}
    for name in (made.manifest["digest"], made.config["digest"]):
        files[f"io.containerd.content.v1.content/blobs/{name.replace(':', '/')}"] = made.content[name]
    for number, name in enumerate(("a", "b", "changed")):
        files[f"{SNAPSHOTS}/snapshots/{200 + number}/fs/{name}"] = b"x"
    return files


@pytest.fixture
def made() -> Blobs:
    return images.image()


@pytest.fixture
def root(tmp_path: Path, made: Blobs) -> Path:
    return images.write(tmp_path / "containerd", _files(made))


@pytest.fixture(autouse=True)
def _no_descriptor_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


def opened(root: Path, text: str, docker: Path | None = None) -> ImageMaterial:
    stores = Stores(docker=(docker,) if docker else (), podman=(), containerd=(root,))
    found = open_source(text, Options(stores=stores, registries_conf=()))
    assert isinstance(found, ImageMaterial)
    return found


def layers(found: ImageMaterial) -> list[list[str]]:
    return [os.listdir(layer.fd) for layer in found.layers if isinstance(layer, DiffDirectory)]


def test_an_image_is_found_by_all_its_names(root: Path, made: Blobs) -> None:
    proof, config = made.manifest["digest"], made.config["digest"]
    for text in ("team/app:1", f"containerd:team/app@{proof}", f"containerd:{proof}", f"containerd:{config}"):
        found = opened(root, text)
        assert (found.subject.kind, found.subject.id, found.subject.aliases) == ("image", config, (proof,))
        assert layers(found) == [["a"], ["b"]]
        assert [layer.layer.diff_id for layer in found.layers] == DIFF_IDS
        found.close()


def test_a_container_is_its_image_and_what_it_changed(root: Path) -> None:
    found = opened(root, "containerd:abcdef")
    assert (found.subject.kind, found.subject.id, found.subject.tags) == ("container", "", ("docker.io/team/app:1",))
    assert layers(found) == [["a"], ["b"], ["changed"]]
    found.close()


def test_where_a_snapshot_is_gone_the_blob_serves(root: Path, made: Blobs) -> None:
    layer = made.layers[0]["digest"]
    images.write(root, {f"io.containerd.content.v1.content/blobs/{layer.replace(':', '/')}": made.content[layer]})
    (root / SNAPSHOTS / "snapshots/200/fs").rename(root / "elsewhere")
    found = opened(root, "containerd:team/app:1")
    first = found.layers[0]
    assert isinstance(first, Blob)
    assert (first.layer.digest, first.open().read(1 << 20)) == (layer, made.content[layer])
    assert layers(found) == [["b"]]
    found.close()


def test_where_both_are_gone_there_is_a_gap(root: Path, made: Blobs) -> None:
    (root / SNAPSHOTS / "metadata.db").unlink()
    found = opened(root, "containerd:team/app:1")
    assert [gap.layer for gap in found.gaps] == [layer["digest"] for layer in made.layers]
    found.close()


@pytest.mark.parametrize("text", ["containerd:other", "containerd:team/app:2", "containerd:fffff",
                                  f"containerd:team/app@sha256:{'0' * 64}"])  # fmt: skip
def test_what_is_not_there_is_told(root: Path, text: str) -> None:
    with pytest.raises(SourceError, match="containerd has no such image or container here"):
        opened(root, text)


def test_documents_that_are_gone_are_told(root: Path, made: Blobs) -> None:
    (root / "io.containerd.content.v1.content/blobs" / made.config["digest"].replace(":", "/")).unlink()
    with pytest.raises(SourceError, match="containerd's store has no sha256:"):
        opened(root, "containerd:team/app:1")


@pytest.mark.parametrize("name", [META, f"{SNAPSHOTS}/metadata.db"])
def test_a_broken_database_is_told(root: Path, name: str) -> None:
    (root / name).write_bytes(b"x" * 10_000)
    with pytest.raises(SourceError, match="database can't be read"):
        opened(root, "containerd:team/app:1")


def test_a_container_of_another_snapshotter_is_told(tmp_path: Path, made: Blobs) -> None:
    root = images.write(tmp_path / "x", _files(made, snapshotter=b"zfs"))
    with pytest.raises(SourceError, match="by zfs"):
        opened(root, "containerd:abcdef")


def test_docker_may_keep_its_images_there(tmp_path: Path, made: Blobs) -> None:
    root = images.write(tmp_path / "containerd", _files(made, b"moby"))
    found = opened(root, "docker:team/app:1", docker=tmp_path / "docker")
    assert layers(found) == [["a"], ["b"]]
    found.close()
    other = images.write(tmp_path / "other", _files(made))
    with pytest.raises(SourceError, match="docker has no such image"):
        opened(other, "docker:team/app:1", docker=tmp_path / "docker")

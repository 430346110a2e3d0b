"""Images in a layout: a folder whose blobs are real files in it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rightshift.errors import SourceError
from rightshift.source import oci_layout
from rightshift.source.platforms import Platform
from rightshift.tree.material import Blob, ImageMaterial
from tests.source import images

AMD64 = Platform("linux", "amd64")


@pytest.fixture(autouse=True)
def _no_descriptor_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


def _open(folder: Path, entry: str = "") -> ImageMaterial:
    return oci_layout.open_layout(str(folder), "name", entry, AMD64)


def _whole(blob: Blob) -> bytes:
    stream = blob.open()
    chunks = []
    while chunk := stream.read(100):
        chunks.append(chunk)
    stream.close()
    return b"".join(chunks)


def test_layers_are_read_as_they_are_stored(tmp_path: Path) -> None:
    made = images.image()
    found = _open(images.write(tmp_path, images.layout_files(made)))
    assert (found.subject.kind, found.subject.name, found.subject.id) == ("image", "name", made.config["digest"])
    for layer in found.layers:
        assert isinstance(layer, Blob)
        assert _whole(layer) == made.content[layer.layer.digest]
        assert layer.fd is not None
        assert os.pread(layer.fd, 1 << 20, layer.offset) == made.content[layer.layer.digest]
    found.close()
    found.close()


def _named(made: images.Blobs, name: str) -> dict[str, Any]:
    return {**made.manifest, "annotations": {"org.opencontainers.image.ref.name": name}}


def test_of_several_images_one_is_named_by_its_name_tag_or_digest(tmp_path: Path) -> None:
    one, other = images.image(), images.image(layers=[images.tar({"c": b"3"})])
    one.content |= other.content
    images.write(tmp_path, images.layout_files(one, _named(one, "team/app:1"), _named(other, "team/app:2")))
    with pytest.raises(SourceError, match="several images") as told:
        _open(tmp_path)
    assert told.value.means == "It has: team/app:1, team/app:2"
    for entry in ("2", "team/app:2", "app:2", other.manifest["digest"]):
        found = _open(tmp_path, entry)
        assert found.subject.id == other.config["digest"]
        found.close()
    with pytest.raises(SourceError, match="no image “3”"):
        _open(tmp_path, "3")


def test_one_name_for_several_platforms_is_one_image(tmp_path: Path) -> None:
    one, other = images.image(), images.image(architecture="arm64")
    one.content |= other.content
    entries = [
        {**_named(made, "1"), "platform": {"os": "linux", "architecture": architecture}}
        for made, architecture in ((other, "arm64"), (one, "amd64"))
    ]
    images.write(tmp_path, images.layout_files(one, *entries))
    found = _open(tmp_path)
    assert (found.subject.id, found.subject.tags) == (one.config["digest"], ("1",))
    found.close()


def test_a_missing_layer_is_a_gap(tmp_path: Path) -> None:
    made = images.image()
    files = images.layout_files(made)
    del files["blobs/" + made.layers[0]["digest"].replace(":", "/")]
    found = _open(images.write(tmp_path, files))
    assert [gap.layer for gap in found.gaps] == [made.layers[0]["digest"]]
    assert [layer.layer.digest for layer in found.layers] == [made.layers[1]["digest"]]
    found.close()


def test_an_image_without_any_of_its_layers_is_refused(tmp_path: Path) -> None:
    made = images.image()
    files = images.layout_files(made)
    for layer in made.layers:
        del files["blobs/" + layer["digest"].replace(":", "/")]
    with pytest.raises(SourceError, match="None of the image's layers"):
        _open(images.write(tmp_path, files))


@pytest.mark.parametrize("part", ["manifest", "config"])
def test_a_missing_document_is_told(tmp_path: Path, part: str) -> None:
    made = images.image()
    files = images.layout_files(made)
    del files["blobs/" + getattr(made, part)["digest"].replace(":", "/")]
    with pytest.raises(SourceError, match="is missing"):
        _open(images.write(tmp_path, files))


def test_a_layer_of_another_size_is_refused(tmp_path: Path) -> None:
    made = images.image()
    files = images.layout_files(made)
    files["blobs/" + made.layers[0]["digest"].replace(":", "/")] += b"more"
    with pytest.raises(SourceError, match="its descriptor says"):
        _open(images.write(tmp_path, files))


@pytest.mark.parametrize("place", ["index.json", "blobs/sha256", "layer"])
def test_links_in_a_layout_are_refused(tmp_path: Path, place: str) -> None:
    made = images.image()
    folder = images.write(tmp_path / "in", images.layout_files(made))
    path = folder / ("blobs/" + made.layers[0]["digest"].replace(":", "/") if place == "layer" else place)
    path.rename(tmp_path / "outside")
    path.symlink_to(tmp_path / "outside")
    with pytest.raises(SourceError, match="a link"):
        _open(folder)


def test_a_pipe_for_a_layer_is_refused_without_waiting(tmp_path: Path) -> None:
    made = images.image()
    folder = images.write(tmp_path, images.layout_files(made))
    path = folder / "blobs" / made.layers[0]["digest"].replace(":", "/")
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceError, match="no regular file"):
        _open(folder)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"manifests": null}', b'{"manifests": []}', b'{"manifests": [1]}'])
def test_an_index_that_names_nothing_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SourceError):
        _open(images.write(tmp_path, {"index.json": content}))


def test_a_folder_without_an_index_is_no_layout(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no OCI layout"):
        _open(tmp_path)

"""Images in one file, in both forms, plain and packed."""

import gzip
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.source import archive
from rightshift.source.platforms import Platform
from rightshift.tree.material import Blob, ImageMaterial
from tests.source import images

A, B = images.tar({"a": b"1"}), images.tar({"b": b"2" * 3_000_000})
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": lambda content: gzip.compress(content[:9000]) + gzip.compress(content[9000:]),
    "zstd": lambda content: zstandard.compress(content[:9000]) + zstandard.compress(content[9000:]),
}


@pytest.fixture(autouse=True)
def _no_descriptor_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


def _docker(place: Path, content: bytes, entry: str = "", wanted: Platform | None = None) -> ImageMaterial:
    place.write_bytes(content)
    return archive.open_docker(str(place), "name", entry, wanted)


def _whole(blob: object) -> bytes:
    assert isinstance(blob, Blob)
    stream = blob.open()
    chunks = []
    while chunk := stream.read(100_000):
        chunks.append(chunk)
    stream.close()
    return b"".join(chunks)


@pytest.mark.parametrize("packer", PACKERS)
def test_layers_of_docker_archives_are_read(tmp_path: Path, packer: str) -> None:
    found = _docker(tmp_path / "a", PACKERS[packer](images.tar(images.docker_files([A, B]))))
    assert found.subject.tags == ("team/app:1",)
    assert [_whole(layer) for layer in found.layers] == [A, B]
    assert [layer.layer.digest for layer in found.layers] == [images.digest(A), images.digest(B)]
    assert [layer.layer.created_by for layer in found.layers] == ["COPY 0", "COPY 1"]
    found.close()


@pytest.mark.parametrize("packer", PACKERS)
def test_layers_of_oci_archives_are_read(tmp_path: Path, packer: str) -> None:
    made = images.image([A, B])
    (tmp_path / "a").write_bytes(PACKERS[packer](images.tar(images.layout_files(made))))
    found = archive.open_oci(str(tmp_path / "a"), "name", "", Platform("linux", "amd64"))
    assert found.subject.id == made.config["digest"]
    assert [_whole(layer) for layer in found.layers] == [made.content[layer["digest"]] for layer in made.layers]
    found.close()


def test_layers_of_a_packed_archive_may_be_read_in_any_order_and_at_once(tmp_path: Path) -> None:
    found = _docker(tmp_path / "a", gzip.compress(images.tar(images.docker_files([A, B]))))
    first, second = (layer.open() for layer in found.layers if isinstance(layer, Blob))
    assert second.read(512) == B[:512]
    assert first.read(len(A)) == A
    assert second.read(512) == B[512:1024]
    first.close()
    second.close()
    found.close()


def test_packed_layers_are_proved_by_what_they_unpack_to(tmp_path: Path) -> None:
    files = images.docker_files([A])
    files[f"{images.digest(A)[7:]}/layer.tar"] = gzip.compress(A)
    found = _docker(tmp_path / "a", images.tar(files))
    assert (found.layers[0].layer.digest, found.layers[0].layer.diff_id) == ("", images.digest(A))
    found.close()


def test_a_layer_named_as_a_blob_is_proved_by_its_name(tmp_path: Path) -> None:
    made = images.image([A])
    layer, config = made.layers[0]["digest"], made.config["digest"]
    saved = [{"Config": f"blobs/sha256/{config[7:]}", "RepoTags": None, "Layers": [f"blobs/sha256/{layer[7:]}"]}]
    files = {**images.layout_files(made), "manifest.json": images.as_json(saved)}
    found = _docker(tmp_path / "a", images.tar(files))
    assert (found.layers[0].layer.digest, found.subject.id) == (layer, config)
    found.close()


def test_links_between_layers_of_old_archives_are_followed_in_the_archive(tmp_path: Path) -> None:
    files = images.docker_files([A, A])
    name, link = f"{images.digest(A)[7:]}/layer.tar", "f" * 64 + "/layer.tar"
    files["manifest.json"] = files["manifest.json"].replace(
        f'"Layers":["{name}"]'.encode(), f'"Layers":["{name}","{link}"]'.encode()
    )
    out = io.BytesIO(images.tar(files))
    with tarfile.open(fileobj=out, mode="a") as opened:
        info = tarfile.TarInfo(link)
        info.type, info.linkname = tarfile.SYMTYPE, f"../{name}"
        opened.addfile(info)
    found = _docker(tmp_path / "a", out.getvalue())
    assert [_whole(layer) for layer in found.layers] == [A, A]
    found.close()


def test_links_that_lead_out_or_in_circles_are_no_files(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as opened:
        for name, target in (("manifest.json", "/etc/passwd"), ("x", "y"), ("y", "x")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            opened.addfile(info)
    with pytest.raises(SourceError, match=r"no manifest\.json"):
        _docker(tmp_path / "a", out.getvalue())


def test_one_of_several_images_is_named(tmp_path: Path) -> None:
    one, other = images.docker_files([A], ["app:1"]), images.docker_files([B], ["app:2"])
    both = b"[" + one["manifest.json"][1:-1] + b"," + other["manifest.json"][1:-1] + b"]"
    content = images.tar({**one, **other, "manifest.json": both})
    with pytest.raises(SourceError, match="several images") as told:
        _docker(tmp_path / "a", content)
    assert told.value.means == "It has: app:1, app:2"
    found = _docker(tmp_path / "a", content, "app:2")
    assert _whole(found.layers[0]) == B
    found.close()
    with pytest.raises(SourceError, match="no image “app:3”"):
        _docker(tmp_path / "a", content, "app:3")


def test_a_missing_layer_is_a_gap(tmp_path: Path) -> None:
    files = images.docker_files([A, B])
    del files[f"{images.digest(A)[7:]}/layer.tar"]
    found = _docker(tmp_path / "a", images.tar(files))
    assert [gap.layer for gap in found.gaps] == [images.digest(A)]
    assert [_whole(layer) for layer in found.layers] == [B]
    found.close()


def test_a_config_that_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    files = {
        name: content.replace(b"amd64", b"arm64") if name.endswith("json") else content
        for name, content in images.docker_files().items()
    }
    with pytest.raises(SourceError, match="not what its name says"):
        _docker(tmp_path / "a", images.tar(files))


def test_another_platform_than_the_wanted_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="for linux/amd64 and not for linux/arm64"):
        _docker(tmp_path / "a", images.tar(images.docker_files()), wanted=Platform("linux", "arm64"))


@pytest.mark.parametrize("path", ["../outside/layer.tar", "/etc/passwd", "a/../../b"])
@pytest.mark.parametrize("field", ["Layers", "Config"])
def test_names_that_lead_out_of_the_archive_are_refused(tmp_path: Path, path: str, field: str) -> None:
    saved = {"Config": "c.json", "RepoTags": [], "Layers": [path]}
    if field == "Config":
        saved = {"Config": path, "Layers": []}
    files = {"c.json": b"{}", "manifest.json": images.as_json([saved])}
    with pytest.raises(SourceError, match="leads out of the archive"):
        _docker(tmp_path / "a", images.tar(files))


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path, packer: str, share: float) -> None:
    content = PACKERS[packer](images.tar(images.docker_files([A, B])).rstrip(b"\0"))
    with pytest.raises(SourceError):
        _docker(tmp_path / "a", content[: int(len(content) * share)])


@pytest.mark.parametrize("saved", [b"", b"{}", b"[]", b"[{}]", b'[{"Config": 1}]', b"[" * 9999, b'[{"Config": "x"}]'])
def test_a_broken_list_of_images_is_told(tmp_path: Path, saved: bytes) -> None:
    with pytest.raises(SourceError):
        _docker(tmp_path / "a", images.tar({"manifest.json": saved}))


def test_a_header_that_claims_gigabytes_is_refused_without_reading_them(tmp_path: Path) -> None:
    block = tarfile.TarInfo("././@PaxHeader")
    block.type, block.size = tarfile.XHDTYPE, 6 << 30
    with pytest.raises(SourceError, match="an extended header of"):
        _docker(tmp_path / "a", block.tobuf(tarfile.USTAR_FORMAT) + bytes(1024))


def test_the_last_of_two_files_with_one_name_counts(tmp_path: Path) -> None:
    good, other = images.docker_files([A]), images.docker_files([B])
    first = images.tar(other).rstrip(b"\0")
    found = _docker(tmp_path / "a", first + bytes(-len(first) % 512) + images.tar(good))
    assert _whole(found.layers[0]) == A
    found.close()


@given(st.binary(max_size=2000), st.integers(0, 3000))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    place = tmp_path_factory.mktemp("noise") / "a"
    good = images.tar(images.docker_files())
    for content in (
        noise,
        good[:at] + noise + good[at + len(noise) :],
        b"\x1f\x8b" + noise,
        b"\x28\xb5\x2f\xfd" + noise,
    ):
        try:
            _docker(place, content).close()
        except SourceError:
            continue

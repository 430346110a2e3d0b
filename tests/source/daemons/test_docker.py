"""Docker's own store, built by hand as its documents describe it; by Docker itself: `test_real.py`."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from rightshift.errors import SourceError
from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import DiffDirectory, ImageMaterial
from tests.source import images

DIFF_IDS = [images.digest(b"layer a"), images.digest(b"layer b")]
HISTORY = [{"created_by": "COPY a"}, {"created_by": "ENV", "empty_layer": True}, {"created_by": "COPY b"}]
CONFIG = images.as_json(
    {"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": DIFF_IDS}, "history": HISTORY, "created": "2024"}
)
ID = images.digest(CONFIG)
CONTAINER = "c0ffee" + "0" * 58
PROOF = "sha256:" + "d" * 64


def _chain() -> list[str]:
    second = hashlib.sha256(f"{DIFF_IDS[0]} {DIFF_IDS[1]}".encode()).hexdigest()
    return [DIFF_IDS[0].removeprefix("sha256:"), second]


def _files() -> dict[str, bytes]:
    names = {"team/app:1": ID, f"team/app@{PROOF}": ID}
    files = {
        "image/overlay2/repositories.json": images.as_json({"Repositories": {"team/app": names}}),
        f"image/overlay2/imagedb/content/sha256/{ID[7:]}": CONFIG,
        f"image/overlay2/layerdb/mounts/{CONTAINER}/mount-id": b"mount",
        f"containers/{CONTAINER}/config.v2.json": images.as_json(
            {"ID": CONTAINER, "Name": "/web", "Image": ID, "Driver": "overlay2", "Config": {"Image": "team/app:1"}}
        ),
        "overlay2/mount/diff/changed": b"c",
    }
    for name, diff_id, chain in zip("ab", DIFF_IDS, _chain(), strict=True):
        place = f"image/overlay2/layerdb/sha256/{chain}"
        files |= {
            f"{place}/cache-id": f"layer-{name}".encode(),
            f"{place}/diff": diff_id.encode(),
            f"{place}/size": b"9",
        }
        files[f"overlay2/layer-{name}/diff/{name}"] = b"x"
    return files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return images.write(tmp_path / "docker", _files())


@pytest.fixture(autouse=True)
def _no_descriptor_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


def opened(root: Path, text: str) -> ImageMaterial:
    found = open_source(text, Options(stores=Stores(docker=(root,), podman=(), containerd=()), registries_conf=()))
    assert isinstance(found, ImageMaterial)
    return found


def layers(found: ImageMaterial) -> list[list[str]]:
    for layer in found.layers:
        assert isinstance(layer, DiffDirectory)
    return [os.listdir(layer.fd) for layer in found.layers if isinstance(layer, DiffDirectory)]


@pytest.mark.parametrize("text", ["team/app:1", "docker:team/app:1", f"docker:team/app@{PROOF}", f"docker:{ID}",
                                  f"docker:{ID[7:19]}", "docker:docker.io/team/app:1"])  # fmt: skip
def test_an_image_is_found_by_all_its_names(root: Path, text: str) -> None:
    found = opened(root, text)
    assert (found.subject.kind, found.subject.id, found.subject.tags) == ("image", ID, ("team/app:1",))
    assert (found.subject.aliases, found.subject.created) == ((PROOF,), "2024")
    assert layers(found) == [["a"], ["b"]]
    assert [layer.layer.created_by for layer in found.layers] == ["COPY a", "COPY b"]
    assert [(layer.layer.digest, layer.layer.diff_id) for layer in found.layers] == [("", name) for name in DIFF_IDS]
    found.close()
    found.close()


@pytest.mark.parametrize("text", ["docker:web", "docker:c0ffee", f"docker:{CONTAINER}"])
def test_a_container_is_its_image_and_what_it_changed(root: Path, text: str) -> None:
    found = opened(root, text)
    assert (found.subject.kind, found.subject.id, found.subject.tags) == ("container", "", ("team/app:1",))
    assert layers(found) == [["a"], ["b"], ["changed"]]
    found.close()


@pytest.mark.parametrize(
    "text", ["docker:other", "docker:team/app:2", f"docker:team/app@sha256:{'0' * 64}", "docker:fffff"]
)
def test_what_docker_does_not_have_is_told(root: Path, text: str) -> None:
    with pytest.raises(SourceError, match="docker has no such image or container here"):
        opened(root, text)


def test_a_missing_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="docker has no such image"):
        opened(tmp_path / "none", "docker:team/app:1")


@pytest.mark.parametrize(
    "lost", ["overlay2/layer-a/diff/a", f"image/overlay2/layerdb/sha256/{DIFF_IDS[0][7:]}/cache-id"]
)
def test_a_layer_that_is_gone_is_a_gap(root: Path, lost: str) -> None:
    (root / lost).unlink()
    if "diff/a" in lost:
        (root / "overlay2/layer-a/diff").rmdir()
    found = opened(root, "team/app:1")
    assert [gap.layer for gap in found.gaps] == [DIFF_IDS[0]]
    assert layers(found) == [["b"]]
    found.close()


def _changed(root: Path, path: str, content: bytes) -> None:
    images.write(root, {path: content})


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        (f"image/overlay2/imagedb/content/sha256/{ID[7:]}", b"{}", "not what its digest says"),
        ("image/overlay2/repositories.json", b"{", "is no JSON"),
        ("image/overlay2/repositories.json", images.as_json({"Repositories": {"team/app": {"team/app:1": "../x"}}}),
         "no digest"),
        (f"image/overlay2/layerdb/sha256/{DIFF_IDS[0][7:]}/cache-id", b"../../../etc", "no name of a layer"),
    ],
)  # fmt: skip
def test_a_store_that_is_not_sound_is_refused(root: Path, path: str, content: bytes, told: str) -> None:
    _changed(root, path, content)
    with pytest.raises(SourceError, match=told):
        opened(root, "docker:team/app:1")


@pytest.mark.parametrize("link", ["overlay2/layer-a/diff", "overlay2/layer-a", "overlay2", "image"])
def test_links_in_a_store_are_not_followed(root: Path, tmp_path: Path, link: str) -> None:
    (root / link).rename(tmp_path / "outside")
    (root / link).symlink_to(tmp_path / "outside")
    with pytest.raises(SourceError, match="a link"):
        opened(root, "docker:team/app:1")


def test_an_id_that_begins_several_is_not_guessed(root: Path) -> None:
    _changed(root, f"image/overlay2/imagedb/content/sha256/{ID[7:19]}{'0' * 52}", b"{}")
    with pytest.raises(SourceError, match="begins the names of 2 things"):
        opened(root, f"docker:{ID[7:15]}")


def _container(root: Path, **changed: Any) -> None:
    settings: Mapping[str, Any] = {"Name": "/web", "Image": ID, "Driver": "overlay2", **changed}
    _changed(root, f"containers/{CONTAINER}/config.v2.json", images.as_json(settings))


def test_a_container_in_a_store_of_another_kind_is_told_when_it_does_not_run(root: Path) -> None:
    _container(root, Driver="btrfs", State={"Pid": 0})
    with pytest.raises(SourceError, match="keeps it by btrfs"):
        opened(root, "docker:web")


def test_changes_that_are_gone_are_a_gap(root: Path) -> None:
    (root / f"image/overlay2/layerdb/mounts/{CONTAINER}/mount-id").write_bytes(b"gone")
    found = opened(root, "docker:web")
    assert layers(found) == [["a"], ["b"]]
    assert "own changes" in found.gaps[0].reason
    found.close()

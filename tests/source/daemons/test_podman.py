"""The stores of podman, buildah and CRI-O, built by hand; by podman itself: `test_real.py`."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source.daemons import podman
from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import DiffDirectory, ImageMaterial
from tests.source import images

DIFF_IDS = [images.digest(b"layer a"), images.digest(b"layer b")]
CONFIG = images.as_json(
    {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"diff_ids": DIFF_IDS},
        "history": [{"created_by": "COPY a"}, {"created_by": "COPY b"}],
    }
)
ID = images.digest(CONFIG)
PROOF = "sha256:" + "d" * 64
LIST = "sha256:" + "e" * 64
LAYERS: list[dict[str, object]] = [
    {"id": "a" * 64, "diff-digest": DIFF_IDS[0], "diff-size": 10},
    {"id": "b" * 64, "parent": "a" * 64, "diff-digest": DIFF_IDS[1], "diff-size": 20},
    {"id": "c" * 64, "parent": "b" * 64},
]
IMAGE = {
    "id": ID[7:],
    "digest": PROOF,
    "names": ["docker.io/team/app:1", "localhost/mine:2"],
    "layer": "b" * 64,
    "big-data-digests": {f"manifest-{LIST}": LIST, "manifest": PROOF, ID: ID},
}
CONTAINER = {"id": "f00d" + "0" * 60, "names": ["web"], "image": ID[7:], "layer": "c" * 64}


def _files() -> dict[str, bytes]:
    key = "=" + base64.b64encode(ID.encode()).decode()
    return {
        "overlay-images/images.json": images.as_json([IMAGE]),
        "overlay-layers/layers.json": images.as_json(LAYERS),
        "overlay-containers/containers.json": images.as_json([CONTAINER]),
        f"overlay-images/{ID[7:]}/{key}": CONFIG,
        f"overlay/{'a' * 64}/diff/a": b"x",
        f"overlay/{'b' * 64}/diff/b": b"x",
        f"overlay/{'c' * 64}/diff/changed": b"x",
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return images.write(tmp_path / "storage", _files())


@pytest.fixture(autouse=True)
def _no_descriptor_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


def opened(root: Path, text: str) -> ImageMaterial:
    found = open_source(text, Options(stores=Stores(docker=(), podman=(root,), containerd=()), registries_conf=()))
    assert isinstance(found, ImageMaterial)
    return found


def layers(found: ImageMaterial) -> list[list[str]]:
    return [os.listdir(layer.fd) for layer in found.layers if isinstance(layer, DiffDirectory)]


@pytest.mark.parametrize(
    "text",
    [
        "team/app:1",
        "podman:docker.io/team/app:1",
        "podman:mine:2",
        "podman:localhost/mine:2",
        f"podman:team/app@{PROOF}",
        f"podman:team/app@{LIST}",
        f"podman:{ID[7:17]}",
    ],
)
def test_an_image_is_found_by_all_its_names(root: Path, text: str) -> None:
    found = opened(root, text)
    assert (found.subject.kind, found.subject.id, found.subject.aliases) == ("image", ID, (PROOF, LIST))
    assert found.subject.tags == ("docker.io/team/app:1", "localhost/mine:2")
    assert layers(found) == [["a"], ["b"]]
    assert [layer.layer.created_by for layer in found.layers] == ["COPY a", "COPY b"]
    assert [(layer.layer.digest, layer.layer.size_bytes) for layer in found.layers] == [("", 10), ("", 20)]
    found.close()


@pytest.mark.parametrize("text", ["podman:web", "podman:f00d"])
def test_a_container_is_its_image_and_what_it_changed(root: Path, text: str) -> None:
    found = opened(root, text)
    assert (found.subject.kind, found.subject.id) == ("container", "")
    assert layers(found) == [["a"], ["b"], ["changed"]]
    found.close()


@pytest.mark.parametrize("text", ["podman:other", "podman:team/app:2", f"podman:other@{PROOF}", "podman:fffff"])
def test_what_is_not_there_is_told(root: Path, text: str) -> None:
    with pytest.raises(SourceError, match="podman has no such image or container here"):
        opened(root, text)


def test_a_layer_whose_folder_is_gone_is_a_gap(root: Path) -> None:
    (root / f"overlay/{'a' * 64}/diff").rename(root / "elsewhere")
    found = opened(root, "podman:team/app:1")
    assert [gap.layer for gap in found.gaps] == [DIFF_IDS[0]]
    found.close()


@pytest.mark.parametrize(
    ("path", "content", "told"),
    [
        ("overlay-images/images.json", b"[", "is no JSON"),
        ("overlay-images/images.json", images.as_json([IMAGE | {"id": "../x"}]), "no digest"),
        ("overlay-images/images.json", images.as_json([IMAGE | {"layer": "z"}]), "no layer z"),
        ("overlay-layers/layers.json", images.as_json([{"id": "b" * 64, "parent": "b" * 64}]), "in a circle"),
        (
            "overlay-layers/layers.json",
            images.as_json([LAYERS[0], LAYERS[1] | {"diff-digest": images.digest(b"other")}]),
            "another layer than",
        ),
        (
            "overlay-layers/layers.json",
            images.as_json([LAYERS[0] | {"id": "../x"}, LAYERS[1] | {"parent": "../x"}]),
            "no name of a layer",
        ),
    ],
)
def test_a_store_that_is_not_sound_is_refused(root: Path, path: str, content: bytes, told: str) -> None:
    images.write(root, {path: content})
    with pytest.raises(SourceError, match=told):
        opened(root, "podman:team/app:1")


def test_a_config_that_was_exchanged_is_refused(root: Path) -> None:
    (path,) = (root / "overlay-images" / ID[7:]).iterdir()
    path.write_bytes(CONFIG + b" ")
    with pytest.raises(SourceError, match="not what its digest says"):
        opened(root, "podman:team/app:1")


def test_layers_that_the_config_does_not_name_are_told(root: Path) -> None:
    images.write(root, {"overlay-images/images.json": images.as_json([IMAGE | {"layer": "a" * 64}])})
    found = opened(root, "podman:team/app:1")
    assert "names 2 layers and the store has 1" in found.gaps[0].reason
    assert layers(found) == [["a"]]
    found.close()


def test_rows_of_other_kinds_are_passed_over(root: Path) -> None:
    images.write(root, {"overlay-images/images.json": images.as_json([1, {"names": 5}, {}, IMAGE])})
    opened(root, "podman:team/app:1").close()


def test_stores_are_this_users_the_systems_and_those_of_the_settings(tmp_path: Path) -> None:
    conf = tmp_path / ".config/containers/storage.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text('[storage]\ngraphroot = "/own"\n[storage.options]\nadditionalimagestores = ["/more", 1]\n')
    found = podman.places({"HOME": str(tmp_path)})
    assert found[:2] == (tmp_path / ".local/share/containers/storage", Path("/var/lib/containers/storage"))
    assert found[-2:] == (Path("/own"), Path("/more"))
    conf.write_text("[storage")
    with pytest.raises(SourceError, match=r"storage\.conf can't be read"):
        podman.places({"HOME": str(tmp_path)})

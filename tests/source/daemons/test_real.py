"""Stores as Docker, podman and containerd themselves write them."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import DiffDirectory, ImageMaterial
from tests.source import images
from tests.source.programs import program, run, running

pytestmark = [
    pytest.mark.apt,
    pytest.mark.skipif(os.geteuid() != 0, reason="runtimes write their stores as root"),
]
LAYERS = [["a"], ["b"]]


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose path is short enough for sockets."""
    made = Path(os.path.realpath(tmp_path_factory.mktemp("r")))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def archive(folder: Path) -> Path:
    (folder / "image.tar").write_bytes(images.tar(images.docker_files()))
    return folder / "image.tar"


def opened(text: str, **stores: tuple[Path, ...]) -> ImageMaterial:
    given = {"docker": (), "podman": (), "containerd": (), **stores}
    found = open_source(text, Options(stores=Stores(**given), registries_conf=(), platform="linux/amd64"))
    assert isinstance(found, ImageMaterial)
    return found


def layers(found: ImageMaterial) -> list[list[str]]:
    names = [os.listdir(layer.fd) for layer in found.layers if isinstance(layer, DiffDirectory)]
    found.close()
    return names


def _works(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


def test_dockers_store(folder: Path, archive: Path) -> None:
    client = program("docker", "docker.io"), "-H", f"unix://{folder}/d.sock"
    places = "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid"
    quiet = "--iptables=false", "--bridge=none", "-H", f"unix://{folder}/d.sock"
    with running(
        [program("dockerd", "docker.io"), *places, *quiet], folder / "log", lambda: _works(*client, "version")
    ):
        driver = run(*client, "info", "--format", "{{.Driver}}")
        if driver != "overlay2":
            pytest.skip(f"Docker uses {driver} here")
        run(*client, "load", "-i", str(archive))
        name = run(*client, "inspect", "--format", "{{.Id}}", "team/app:1")
        container = run(*client, "create", "--name", "web", "team/app:1", "/a")
        found = opened("team/app:1", docker=(folder / "data",))
        assert (found.subject.id, found.gaps) == (name, ())
        assert layers(found) == LAYERS
        assert layers(opened(f"docker:{name}", docker=(folder / "data",))) == LAYERS
        for text in ("docker:web", f"docker:{container}"):
            assert layers(opened(text, docker=(folder / "data",))) == [*LAYERS, []]


def test_podmans_store(folder: Path, archive: Path) -> None:
    places = "--root", f"{folder}/storage", "--runroot", f"{folder}/run", "--storage-driver", "overlay"
    podman = program("podman"), *places
    if not _works(*podman, "info"):
        pytest.skip("podman can't use overlay here")
    run(*podman, "load", "-q", "-i", str(archive))
    (image,) = json.loads(run(*podman, "images", "--format", "json"))
    container = run(*podman, "create", "--name", "web", "localhost/team/app:1", "/a")
    store = (folder / "storage",)
    found = opened("podman:team/app:1", podman=store)
    assert found.subject.id == "sha256:" + image["Id"]
    assert layers(found) == LAYERS
    for text in ("podman:web", f"podman:{container}"):
        assert layers(opened(text, podman=store)) == [*LAYERS, []]


def test_containerds_store(folder: Path) -> None:
    made = images.image()
    (folder / "image.tar").write_bytes(images.tar(images.layout_files(made)))
    (folder / "config.toml").write_text(
        f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
        f'[grpc]\naddress = "{folder}/c.sock"\n[ttrpc]\naddress = "{folder}/t.sock"\n'
        f'[plugins."io.containerd.internal.v1.opt"]\npath = "{folder}/opt"\n'
    )
    ctr = program("ctr", "containerd"), "-a", f"{folder}/c.sock", "-n", "k8s.io"
    start = [program("containerd"), "-c", f"{folder}/config.toml"]
    with running(start, folder / "log", lambda: _works(*ctr, "version")):
        base = "docker.io/team/app"
        run(*ctr, "images", "import", "--base-name", base, "--digests", str(folder / "image.tar"))
        run(*ctr, "images", "tag", f"{base}@{made.manifest['digest']}", f"{base}:1")
        run(*ctr, "container", "create", f"{base}:1", "abcdef")
        store = (folder / "root",)
        found = opened("containerd:team/app:1", containerd=store)
        assert found.subject.id == made.config["digest"]
        assert layers(found) == LAYERS
        assert layers(opened(f"containerd:{made.manifest['digest']}", containerd=store)) == LAYERS
        assert layers(opened("containerd:abcdef", containerd=store)) == [*LAYERS, []]

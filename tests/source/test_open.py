"""One call for whatever a person names."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.egress.proxies import Proxies
from rightshift.errors import EgressError, SourceError, UsageError
from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import FileMaterial, ImageMaterial, TreeMaterial
from tests.source import images

NOWHERE = Stores(docker=(), podman=(), containerd=())
ALONE = Options(stores=NOWHERE, registries_conf=(), proxies=Proxies(), credentials=lambda *_: None)


@pytest.fixture(autouse=True)
def _no_descriptor_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = images.image()
    images.write(tmp_path / "layout", images.layout_files(made))
    images.write(tmp_path / "tree", {"etc/os-release": b"ID=debian"})
    (tmp_path / "docker.tar").write_bytes(images.tar(images.docker_files()))
    (tmp_path / "docker.tar.gz").write_bytes(gzip.compress(images.tar(images.docker_files())))
    (tmp_path / "oci.tar").write_bytes(images.tar(images.layout_files(made)))
    (tmp_path / "tree.tar").write_bytes(images.tar({"etc/os-release": b"ID=debian"}))
    (tmp_path / "bom.json").write_bytes(b'{"bomFormat": "CycloneDX"}')
    (tmp_path / "Cargo.lock").write_bytes(b"version = 4\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "material", "kind"),
    [
        ("layout", ImageMaterial, "image"),
        ("oci:layout", ImageMaterial, "image"),
        ("dir:layout", TreeMaterial, "directory"),
        ("tree", TreeMaterial, "directory"),
        ("dir:tree", TreeMaterial, "directory"),
        ("host:tree", TreeMaterial, "host"),
        ("docker.tar", ImageMaterial, "image"),
        ("docker-archive:docker.tar", ImageMaterial, "image"),
        ("docker.tar.gz", ImageMaterial, "image"),
        ("oci.tar", ImageMaterial, "image"),
        ("oci-archive:oci.tar", ImageMaterial, "image"),
        ("file:oci.tar", FileMaterial, "file"),
        ("tree.tar", FileMaterial, "file"),
        ("tar:tree.tar", FileMaterial, "file"),
        ("bom.json", FileMaterial, "sbom"),
        ("sbom:Cargo.lock", FileMaterial, "sbom"),
        ("Cargo.lock", FileMaterial, "file"),
    ],
)
def test_what_is_here_is_opened_as_what_it_is(files: Path, text: str, material: type, kind: str) -> None:
    options = Options(platform="linux/amd64", stores=NOWHERE)
    found = open_source(text, options)
    assert type(found) is material
    assert (found.subject.kind, found.subject.name) == (kind, text)
    found.close()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("oci:tree", "no OCI layout"),
        ("oci-archive:tree.tar", "no OCI layout"),
        ("docker-archive:tree.tar", "no manifest.json"),
        ("docker-archive:Cargo.lock", "archive"),
        ("oci-archive:tree", "no regular file"),
        ("dir:Cargo.lock", "not a directory"),
        ("file:tree", "no regular file"),
        ("oci:layout:9", "no image “9”"),
        ("./nothing", "no file or folder here"),
        ("docker:nothing", "docker has no such image or container here"),
        ("podman:nothing", "podman has no such image"),
        ("containerd:nothing", "containerd has no such image"),
    ],
)
def test_what_is_not_what_it_was_called_is_told(files: Path, text: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        open_source(text, ALONE)


@pytest.mark.parametrize("platform", ["x/y/z/w", "linux/"])
def test_a_platform_that_is_none_is_told(files: Path, platform: str) -> None:
    with pytest.raises(UsageError, match="no platform"):
        open_source("layout", Options(platform=platform))


def test_a_name_that_is_neither_here_nor_in_a_store_is_asked_for_at_its_registry() -> None:
    with pytest.raises(EgressError, match=r"registry\.invalid"):
        open_source("registry.invalid/app:1", ALONE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every store")
def test_a_store_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir(mode=0)
    with pytest.raises(SourceError, match="permission denied") as told:
        open_source("docker:x", Options(stores=Stores(docker=(tmp_path / "docker",), podman=(), containerd=())))
    assert told.value.do == "Run it as root"


@pytest.mark.parametrize("text", ["dir:.", "file:pyproject.toml"])
def test_only_what_is_needed_is_imported(text: str) -> None:
    script = f"""
import sys
from rightshift.source.open import open_source
open_source({text!r}).close()
print([name for name in ("urllib3", "ssl", "msgspec", "zstandard", "isal", "tomllib") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Layouts and archives as skopeo and umoci write them."""

import gzip
from pathlib import Path

import pytest

from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import ImageMaterial
from tests.source import images
from tests.source.programs import program, run
from tests.source.registries.test_client import proved

pytestmark = pytest.mark.apt
OPTIONS = Options(platform="linux/amd64", stores=Stores(docker=(), podman=(), containerd=()))


def opened(text: str) -> ImageMaterial:
    found = open_source(text, OPTIONS)
    assert isinstance(found, ImageMaterial)
    return found


@pytest.mark.parametrize("kind", ["oci", "oci-archive", "docker-archive"])
def test_what_skopeo_writes_is_read(tmp_path: Path, kind: str) -> None:
    layout = images.write(tmp_path / "layout", images.layout_files(images.image()))
    run(program("skopeo"), "copy", f"oci:{layout}", f"{kind}:{tmp_path}/out:team/app:1")
    for text in (f"{tmp_path}/out", f"{kind}:{tmp_path}/out:team/app:1"):
        found = opened(text)
        assert found.subject.tags in (("team/app:1",), ("docker.io/team/app:1",))
        assert proved(found)
        found.close()
    if kind != "oci":
        (tmp_path / "out.gz").write_bytes(gzip.compress((tmp_path / "out").read_bytes()))
        found = opened(f"{tmp_path}/out.gz")
        assert proved(found)
        found.close()


def test_what_umoci_writes_is_read(tmp_path: Path) -> None:
    umoci = program("umoci")
    run(umoci, "init", "--layout", f"{tmp_path}/layout")
    run(umoci, "new", "--image", f"{tmp_path}/layout:1")
    (tmp_path / "file").write_bytes(b"x")
    run(umoci, "insert", "--image", f"{tmp_path}/layout:1", str(tmp_path / "file"), "/file")
    found = opened(f"oci:{tmp_path}/layout:1")
    assert (found.subject.tags, len(found.layers)) == (("1",), 1)
    assert proved(found)
    found.close()

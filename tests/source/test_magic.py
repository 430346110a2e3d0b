"""What a file or folder is, by its bytes."""

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.source import magic
from tests.source import images


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a", "b")
    return out.getvalue()


def _old_tar() -> bytes:
    """As tar wrote before POSIX: no magic."""
    block = bytearray(images.tar({"a": b"1"}))
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


DOCKER = images.tar(images.docker_files())
OCI = images.tar(images.layout_files(images.image()))
TREE = images.tar({"etc/os-release": b"ID=debian", "app/package.json": b"{}"})
CASES = {
    "image.tar": (DOCKER, "docker-archive"),
    "image.tar.gz": (gzip.compress(DOCKER), "docker-archive"),
    "image.tar.zst": (zstandard.compress(DOCKER), "docker-archive"),
    "layout.tar": (OCI, "oci-archive"),
    "layout.tar.gz": (gzip.compress(OCI), "oci-archive"),
    "both.tar": (images.tar({**images.layout_files(images.image()), **images.docker_files()}), "docker-archive"),
    "cut.tar": (DOCKER[:2000], "docker-archive"),
    "tree.tar": (TREE, "tar"),
    "tree.tgz": (gzip.compress(TREE), "tar"),
    "old.tar": (_old_tar(), "tar"),
    "text.gz": (gzip.compress(b"no archive"), "file"),
    "tree.zip": (_zip(), "zip"),
    "a.jar": (_zip(), "file"),
    "a.json": (b' {"bomFormat": "CycloneDX"}', "sbom"),
    "b.json": (b'\xef\xbb\xbf{"spdxVersion": "SPDX-2.3"}', "sbom"),
    "c.json": (b'{"packages": [' + b'{"name": "x"},' * 9999 + b'{}], "spdxVersion": "SPDX-2.3"}', "sbom"),
    "d.xml": (b'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5">', "sbom"),
    "e.spdx": (b"SPDXVersion: SPDX-2.3\n", "sbom"),
    "cut.spdx.json": (b'{"na', "sbom"),
    "package-lock.json": (b'{"lockfileVersion": 3}', "file"),
    "pom.xml": (b"<project/>", "file"),
    "binary": (b"\x7fELF" + bytes(600), "file"),
    "empty": (b"", "file"),
}


@pytest.mark.parametrize("name", CASES)
def test_files_are_told_by_their_bytes(tmp_path: Path, name: str) -> None:
    content, expected = CASES[name]
    (tmp_path / name).write_bytes(content)
    assert magic.kind(str(tmp_path / name)) == expected


def test_a_layout_is_told_from_a_folder_that_has_an_index_of_its_own(tmp_path: Path) -> None:
    images.write(tmp_path / "layout", images.layout_files(images.image()))
    images.write(tmp_path / "page", {"index.json": b"{}"})
    assert magic.kind(str(tmp_path / "layout")) == "oci-layout"
    assert magic.kind(str(tmp_path / "page")) == "directory"


def test_a_layout_without_its_marker_is_told_by_its_blobs(tmp_path: Path) -> None:
    images.write(tmp_path, images.layout_files(images.image()))
    (tmp_path / "oci-layout").unlink()
    assert magic.kind(str(tmp_path)) == "oci-layout"


def test_pipes_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="neither a folder nor a regular file"):
        magic.kind(str(tmp_path / "pipe"))


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_all_forms_of_tar_are_known(form: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        archive.addfile(tarfile.TarInfo("folder/" * 20 + "ä"))
    assert magic.is_tar(out.getvalue())


@given(st.binary(max_size=600))
def test_no_bytes_raise_anything(content: bytes) -> None:
    magic.is_tar(content)

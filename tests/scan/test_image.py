"""Images from end to end: layers over each other, links, damage, and what is kept between two scans."""

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from rightshift.catalog.index import index
from rightshift.documents.scan import ScanDocument
from rightshift.errors import SourceError
from rightshift.scan.crew import Crew
from rightshift.scan.run import Options, Scanner
from rightshift.source.open import open_source
from rightshift.tree.material import Blob, ImageMaterial

RELEASE = ("etc/os-release", b'ID=debian\nVERSION_ID="12"\n')


def status(*names: str) -> tuple[str, bytes]:
    stanzas = [f"Package: {n}\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\n" for n in names]
    return "var/lib/dpkg/status", "\n".join(stanzas).encode()


def package_json(folder: str, name: str, version: str) -> tuple[str, bytes]:
    return f"{folder}/node_modules/{name}/package.json", json.dumps({"name": name, "version": version}).encode()


def link(path: str, target: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(path)
    made.type, made.linkname = tarfile.SYMTYPE, target
    return made


def layer(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            made = tarfile.TarInfo(member[0])
            made.size = len(member[1])
            tar.addfile(made, io.BytesIO(member[1]))
    return out.getvalue()


def layout(at: Path, *layers: bytes, diff_ids: list[str] | None = None) -> Path:
    blobs = at / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(content: bytes, kind: str) -> dict[str, object]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}

    oci = "application/vnd.oci.image"
    packed = [put(gzip.compress(one, mtime=0), f"{oci}.layer.v1.tar+gzip") for one in layers]
    found = [f"sha256:{hashlib.sha256(one).hexdigest()}" for one in layers]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": diff_ids or found},
        "history": [{"created_by": f"step {number}"} for number in range(len(layers))],
    }
    body = {"schemaVersion": 2, "config": put(json.dumps(config).encode(), f"{oci}.config.v1+json"), "layers": packed}
    manifest = put(json.dumps(body).encode(), f"{oci}.manifest.v1+json")
    (at / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (at / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return at


def scanned(at: Path, cache: Path | None = None) -> ScanDocument:
    with Crew(index) as crew:
        material = open_source(f"oci:{at}")
        try:
            return Scanner(crew, Options(cache=cache)).scan(material, "2026-01-05T08:00:00Z", "0" * 32)
        finally:
            material.close()


def names(document: ScanDocument) -> dict[str, int | None]:
    return {package.name: package.layer for package in document.packages}


def test_each_package_has_the_layer_that_brought_it_and_its_distribution(tmp_path: Path) -> None:
    app = package_json("srv", "left-pad", "1.3.0")
    document = scanned(layout(tmp_path / "i", layer(RELEASE, status("base")), layer(status("base", "added"), app)))
    assert document.status == "complete"
    assert names(document) == {"base": 0, "added": 1, "left-pad": 1}
    assert [one.created_by for one in document.layers] == ["step 0", "step 1"]
    purls = {package.purl for package in document.packages}
    assert purls == {
        "pkg:deb/debian/base@1.0-1?arch=all&distro=debian-12",
        "pkg:deb/debian/added@1.0-1?arch=all&distro=debian-12",
        "pkg:npm/left-pad@1.3.0",
    }


def test_whiteouts_and_opaque_folders_hide_what_lies_below(tmp_path: Path) -> None:
    low = layer(
        package_json("a", "gone", "1.0.0"), package_json("b", "hidden", "1.0.0"), package_json("c", "kept", "1.0.0")
    )
    high = layer(("a/node_modules/.wh.gone", b""), ("b/.wh..wh..opq", b""), package_json("b", "new", "1.0.0"))
    assert names(scanned(layout(tmp_path / "i", low, high))) == {"kept": 0, "new": 1}


def test_a_folder_that_became_a_link_takes_its_files_along(tmp_path: Path) -> None:
    low = layer(package_json("opt/app", "old", "1.0.0"))
    document = scanned(layout(tmp_path / "i", low, layer(link("opt/app", "/srv"))))
    assert names(document) == {}


def test_what_a_wanted_link_leads_to_is_read_wherever_it_lies(tmp_path: Path) -> None:
    low = layer(RELEASE, ("data/packages", status("behind")[1]))
    document = scanned(layout(tmp_path / "i", low, layer(link("var/lib/dpkg/status", "/data/packages"))))
    assert names(document) == {"behind": 1}
    assert document.status == "complete"


def test_a_link_that_leads_outside_is_a_gap(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(status("host")[1])
    document = scanned(layout(tmp_path / "i", layer(link("var/lib/dpkg/status", str(outside)))))
    assert names(document) == {}
    assert [gap.path for gap in document.gaps] == ["var/lib/dpkg/status"]


def test_a_layer_that_is_not_what_its_digest_says_is_refused(tmp_path: Path) -> None:
    at = layout(tmp_path / "i", layer(status("base")))
    document = json.loads((at / "index.json").read_text())
    manifest = json.loads((at / "blobs/sha256" / document["manifests"][0]["digest"][7:]).read_text())
    blob = at / "blobs/sha256" / manifest["layers"][0]["digest"][7:]
    content = bytearray(blob.read_bytes())
    content[9] ^= 1  # the operating system in gzip's header: the tar inside stays as it was
    blob.write_bytes(content)
    with pytest.raises(SourceError, match="not what the image says"):
        scanned(at)


def test_a_layer_whose_content_is_not_what_the_config_says_is_refused(tmp_path: Path) -> None:
    at = layout(tmp_path / "i", layer(status("base")), diff_ids=["sha256:" + "0" * 64])
    with pytest.raises(SourceError, match="not what the image says"):
        scanned(at)
    with pytest.raises(SourceError, match="not what the image says"):
        scanned(at, tmp_path / "cache")


def test_a_cut_layer_costs_that_layer(tmp_path: Path) -> None:
    damaged = layer(package_json("a", "whole", "1.0.0"), package_json("b", "cut", "1.0.0"))[: 512 * 3 - 100]
    document = scanned(layout(tmp_path / "i", layer(RELEASE, status("base")), damaged))
    assert document.status == "partial"
    assert "base" in names(document)


def test_a_second_scan_reads_no_blob_and_says_the_same(tmp_path: Path) -> None:
    at = layout(tmp_path / "i", layer(RELEASE, status("base")), layer(package_json("srv", "left-pad", "1.3.0")))
    first = scanned(at, tmp_path / "cache")
    for blob in (at / "blobs/sha256").iterdir():
        if blob.read_bytes()[:2] == b"\x1f\x8b":
            blob.write_bytes(b"\0" * blob.stat().st_size)
    assert scanned(at, tmp_path / "cache") == first
    with pytest.raises(SourceError):
        scanned(at)


def test_a_base_that_is_known_is_not_read_again_for_another_image(tmp_path: Path) -> None:
    base = layer(RELEASE, status("base"))
    scanned(layout(tmp_path / "one", base), tmp_path / "cache")
    at = layout(tmp_path / "two", base, layer(package_json("srv", "left-pad", "1.3.0")))
    shared = at / "blobs/sha256" / hashlib.sha256(gzip.compress(base, mtime=0)).hexdigest()
    shared.write_bytes(b"\0" * shared.stat().st_size)
    assert names(scanned(at, tmp_path / "cache")) == {"base": 0, "left-pad": 1}


def test_what_is_kept_and_damaged_is_read_anew(tmp_path: Path) -> None:
    at = layout(tmp_path / "i", layer(RELEASE, status("base")))
    first = scanned(at, tmp_path / "cache")
    for file in (tmp_path / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")
    assert scanned(at, tmp_path / "cache") == first


def test_what_goes_wrong_in_the_source_of_a_layer_is_raised_by_whichever_thread_reads_it(tmp_path: Path) -> None:
    at = layout(tmp_path / "image", layer(RELEASE), layer(package_json("srv", "a", "1.0.0")))
    with Crew(index) as crew:
        material = open_source(f"oci:{at}")
        assert isinstance(material, ImageMaterial)

        def opened() -> NoReturn:
            raise ZeroDivisionError

        layers = tuple(replace(one, fd=None, open=opened) for one in material.layers if isinstance(one, Blob))
        with pytest.raises(ZeroDivisionError):
            Scanner(crew, Options()).scan(replace(material, layers=layers), "2026-01-05T08:00:00Z", "0" * 32)
        material.close()

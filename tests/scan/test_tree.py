"""A tree that several children read is the tree that one child reads."""

import json
from pathlib import Path

import pytest

from rightshift.catalog.index import index
from rightshift.documents.scan import ScanDocument
from rightshift.errors import SourceError
from rightshift.scan.budget import Budget
from rightshift.scan.crew import Crew
from rightshift.scan.run import Options, Scanner
from rightshift.source.open import open_source
from tests.scan import planted

POM = "<project><modelVersion>4.0.0</modelVersion>{}<groupId>org.shop</groupId><artifactId>{}</artifactId>{}</project>"


def scanned(at: Path, workers: int, kind: str = "dir") -> ScanDocument:
    with Crew(index, workers) as crew:
        material = open_source(f"{kind}:{at}")
        try:
            return Scanner(crew, Options()).scan(material, "2026-01-05T08:00:00Z", "0" * 32)
        finally:
            material.close()


def put(at: Path, path: str, content: str) -> None:
    (at / path).parent.mkdir(parents=True, exist_ok=True)
    (at / path).write_text(content)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Folders enough for shares; files that belong together lie far apart: a POM and its parent, a distribution."""
    for number in range(60):
        package = {"name": f"package-{number}", "version": "1.0.0"}
        put(tmp_path, f"web/node_modules/package-{number}/package.json", json.dumps(package))
        put(tmp_path, f"lib/python/site-packages/p{number}-2.0.dist-info/METADATA", f"Name: p{number}\nVersion: 2.0\n")
    versions = "<properties><used>3.1</used></properties><version>7</version><packaging>pom</packaging>"
    put(tmp_path, "parent/deep/er/pom.xml", POM.format("", "parent", versions))
    parent = "<parent><groupId>org.shop</groupId><artifactId>parent</artifactId><version>7</version></parent>"
    used = (
        "<dependencies><dependency><groupId>org.lib</groupId><artifactId>lib</artifactId>"
        "<version>${used}</version></dependency></dependencies>"
    )
    put(tmp_path, "modules/one/pom.xml", POM.format(parent, "one", used))
    put(tmp_path, "usr/lib/os-release", 'ID=debian\nVERSION_ID="12"\n')
    put(tmp_path, "broken/a/b/c/d/Cargo.lock", "[[package\n")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").symlink_to("../usr/lib/os-release")
    return tmp_path


def test_several_children_find_what_one_finds(large: Path) -> None:
    alone, together = scanned(large, 1), scanned(large, 2)
    assert together.packages == alone.packages
    assert together.distro == alone.distro
    assert together.gaps == alone.gaps
    assert len(together.packages) > 120
    assert any(package.purl == "pkg:maven/org.lib/lib@3.1" for package in together.packages)


def test_a_share_that_can_not_be_read_is_no_small_loss(large: Path) -> None:
    (large / "broken/a/b/c/d/spins").touch()
    with Crew(lambda: planted.index(spins=planted.spins), 2) as crew:
        material = open_source(f"dir:{large}")
        options = Options(budget=Budget(file_s=60, silence_s=60, total_s=0.3))
        with pytest.raises(SourceError, match="time"):
            Scanner(crew, options).scan(material, "2026-01-05T08:00:00Z", "0" * 32)
        material.close()


@pytest.mark.parametrize(
    "content",
    [
        '{"bomFormat": "CycloneDX", "components": [{"type": "library", "purl": "pkg:npm/a@1"}]}',
        '{"spdxVersion": "SPDX-2.3", "packages": [{"externalRefs":'
        ' [{"referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}]}',
    ],
    ids=["CycloneDX", "SPDX"],
)
@pytest.mark.parametrize("name", ["of-a-tool.txt", "bom.json", "x.spdx.json", "package-lock.json"])
def test_a_bill_of_materials_is_read_whatever_it_is_called(tmp_path: Path, name: str, content: str) -> None:
    put(tmp_path, name, content)
    found = scanned(tmp_path / name, 1, "sbom")
    assert [(package.purl, package.locations) for package in found.packages] == [("pkg:npm/a@1", (name,))]


def test_what_is_no_bill_of_materials_is_said_so(tmp_path: Path) -> None:
    put(tmp_path, "bom.json", '{"a": 1}')
    with pytest.raises(SourceError, match="neither CycloneDX nor SPDX"):
        scanned(tmp_path / "bom.json", 1, "sbom")

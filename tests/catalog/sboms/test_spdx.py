"""What is read from SPDX documents, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.sboms import spdx
from rightshift.catalog.sboms.claims import Claim
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Package, SourcePackage
from tests.catalog.foreign import damaged, documents


def package(name: str, *purls: object, **more: object) -> dict[str, object]:
    references = [
        {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl} for purl in purls
    ]
    return {"SPDXID": f"SPDXRef-{name}", "name": name, "externalRefs": references, **more}


def document(*packages: object, **more: object) -> dict[str, object]:
    return {"spdxVersion": "SPDX-2.3", "packages": list(packages), **more}


def read(*packages: object, **more: object) -> list[Claim]:
    return list(spdx.read(json.dumps(document(*packages, **more)).encode()))


def test_packages_with_version_and_licence() -> None:
    claims = read(
        package("a", "pkg:npm/a@1.0.0", licenseConcluded="NOASSERTION", licenseDeclared="MIT"),
        package("b", "pkg:npm/b", versionInfo="2.0"),
        package("c", "pkg:npm/c@1", "pkg:npm/c@1?repository_url=x"),
    )
    assert [(p.purl, p.licenses, p.state) for p in claims if isinstance(p, Package)] == [
        ("pkg:npm/a@1.0.0", ("MIT",), "claimed"),
        ("pkg:npm/b@2.0", (), "claimed"),
        ("pkg:npm/c@1", (), "claimed"),
    ]


def test_the_operating_system_and_its_packages_as_trivy_writes_them() -> None:
    system = package("debian", primaryPackagePurpose="OPERATING-SYSTEM", versionInfo="12.5")
    libc = package("libc6", "pkg:deb/debian/libc6@2.36-9", sourceInfo="built package from: glibc 2.36-9")
    distro, found = read(system, libc)
    assert distro == Distro("debian", "12.5")
    assert isinstance(found, Package)
    assert (found.source, found.distro) == (SourcePackage("glibc", "2.36-9"), Distro("debian", "12.5"))


def test_what_the_document_is_about_is_no_loss() -> None:
    described = {
        "relationshipType": "DESCRIBES",
        "spdxElementId": "SPDXRef-DOCUMENT",
        "relatedSpdxElement": "SPDXRef-x",
    }
    assert read(package("x"), relationships=[described]) == []
    assert read(package("x"), documentDescribes=["SPDXRef-x"]) == []
    assert read(package("x", primaryPackagePurpose="CONTAINER")) == []
    assert read(package("x")) == [Gap("", "1 components without a package URL")]


def test_a_package_url_that_is_none_costs_no_other() -> None:
    claims = read(package("a", "pkg:"), package("b", "pkg:npm/b@1"), 7)
    assert [claim.purl for claim in claims if isinstance(claim, Package)] == ["pkg:npm/b@1"]
    assert [claim.reason for claim in claims if isinstance(claim, Gap)] == [
        "1 components without a package URL",
        "1 package URLs that could not be read, the first: pkg: (no type)",
    ]


def test_in_a_tree_a_bill_does_not_say_which_distribution_it_is() -> None:
    system = package("debian", primaryPackagePurpose="OPERATING-SYSTEM", versionInfo="12.5")
    assert spdx.FORMAT.read
    (found,) = spdx.FORMAT.read(json.dumps(document(system, package("x", "pkg:deb/debian/x@1"))).encode())
    assert isinstance(found, Package)
    assert found.distro == Distro("debian", "12.5")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SPDXVersion: SPDX-2.3\n",
        b"{}",
        b'{"spdxVersion":"SPDX-2.3","packages":[{"SPDXID":"SPDXRef-a"',
        b'{"spdxVersion": "SPDX-2.3", "packages": 1}',
        b'{"@context": "https://spdx.example/3.0/context.jsonld", "@graph": []}',
    ],
    ids=["empty", "tag and value", "another document", "cut", "no list", "SPDX 3"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(spdx.read(content))


SAMPLE = document(
    package("debian", primaryPackagePurpose="OPERATING-SYSTEM", versionInfo="12.5"),
    package("x", "pkg:deb/debian/x@1", versionInfo="1", sourceInfo="built package from: y 1", licenseDeclared="MIT"),
    relationships=[{"relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-x"}],
    documentDescribes=["SPDXRef-x"],
)


@given(st.binary(max_size=100) | damaged(SAMPLE) | documents("packages", "externalRefs", "referenceType", "purl"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(spdx.read(content))

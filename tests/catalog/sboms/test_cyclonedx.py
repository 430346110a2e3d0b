"""What is read from CycloneDX documents, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.sboms import cyclonedx
from rightshift.catalog.sboms.claims import Claim
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Package, SourcePackage
from tests.catalog.foreign import damaged, documents


def bill(*components: object) -> dict[str, object]:
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": list(components)}


def read(*components: object) -> list[Claim]:
    return list(cyclonedx.read(json.dumps(bill(*components)).encode()))


def library(purl: str, **more: object) -> dict[str, object]:
    return {"type": "library", "name": "x", "purl": purl, **more}


def purls(claims: list[Claim]) -> list[str]:
    return [claim.purl for claim in claims if isinstance(claim, Package)]


def test_components_however_they_are_nested_in_the_documents_order() -> None:
    inner = library("pkg:npm/b@1", components=[library("pkg:npm/c@1")])
    claims = read(library("pkg:npm/a@1", components=[inner]), library("pkg:npm/d@1"))
    assert purls(claims) == ["pkg:npm/a@1", "pkg:npm/b@1", "pkg:npm/c@1", "pkg:npm/d@1"]
    assert {claim.state for claim in claims if isinstance(claim, Package)} == {"claimed"}


def test_an_os_package_as_syft_writes_it() -> None:
    purl = "pkg:deb/debian/libc6@2.36-9%2Bdeb12u4?arch=amd64&upstream=glibc&distro=debian-12"
    place = {"name": "syft:location:0:path", "value": "/var/lib/dpkg/status"}
    system = {"type": "operating-system", "name": "debian", "version": "12"}
    distro, package = read(library(purl, version="2.36-9+deb12u4", properties=[place]), system)
    assert distro == Distro("debian", "12")
    assert isinstance(package, Package)
    assert (package.source, package.distro, package.locations) == (
        SourcePackage("glibc"),
        Distro("debian", "12"),
        ("var/lib/dpkg/status",),
    )


def test_an_os_package_as_trivy_writes_it() -> None:
    said = {"SrcName": "gcc-12", "SrcVersion": "12.2.0", "SrcRelease": "14", "SrcEpoch": "1", "FilePath": "a/b"}
    properties = [{"name": f"aquasecurity:trivy:{key}", "value": value} for key, value in said.items()]
    system = {"type": "operating-system", "name": "redhat", "version": "9.4"}
    _, package = read(system, library("pkg:rpm/redhat/libgcc@12.2.0-14?arch=x86_64&epoch=1", properties=properties))
    assert isinstance(package, Package)
    assert (package.version, package.source, package.distro, package.locations) == (
        "1:12.2.0-14",
        SourcePackage("gcc-12", "1:12.2.0-14"),
        Distro("rhel", "9.4"),
        ("a/b",),
    )


def test_a_package_of_another_distribution_is_left_to_it() -> None:
    system = {"type": "operating-system", "name": "debian", "version": "12"}
    _, package = read(system, library("pkg:deb/ubuntu/x@1"))
    assert isinstance(package, Package)
    assert (package.distro, package.namespace) == (None, "ubuntu")


def test_scope_and_licences() -> None:
    licenses = [{"license": {"id": "MIT"}}, {"license": {"name": "Own"}}, {"expression": "MIT OR Apache-2.0"}, 7]
    (package,) = read(library("pkg:npm/a", version="2", scope="optional", licenses=licenses))
    assert isinstance(package, Package)
    assert (package.version, package.optional, package.dev) == ("2", True, False)
    assert package.licenses == ("MIT", "Own", "MIT OR Apache-2.0")
    (package,) = read(library("pkg:npm/a@1", scope="excluded"))
    assert isinstance(package, Package)
    assert package.dev


def test_what_cannot_be_known_is_told_and_costs_no_other() -> None:
    claims = read(
        library("pkg:npm/good@1"),
        library("pkg:"),
        library("pkg:npm/%zz@%ff?=&#"),
        {"type": "library", "name": 7},
        {"type": "file", "name": "/bin/x"},
        {"type": "application", "name": "package-lock.json"},
    )
    assert purls(claims) == ["pkg:npm/good@1"]
    assert [claim for claim in claims if isinstance(claim, Gap)] == [
        Gap("", "1 components without a package URL"),
        Gap("", "2 package URLs that could not be read, the first: pkg: (no type)"),
    ]


def test_in_a_tree_a_bill_does_not_say_where_things_lie_nor_which_distribution_it_is() -> None:
    place = {"name": "syft:location:0:path", "value": "/a"}
    document = bill(
        {"type": "operating-system", "name": "debian", "version": "12"},
        library("pkg:npm/a@1", properties=[place]),
        library("pkg:deb/debian/x@1"),
    )
    assert cyclonedx.FORMAT.read
    npm, deb = cyclonedx.FORMAT.read(json.dumps(document).encode())
    assert isinstance(npm, Package)
    assert isinstance(deb, Package)
    assert npm.locations == ()
    assert deb.distro == Distro("debian", "12")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"bomFormat": "CycloneDX", "components": 1}',
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><bom/>',
        b'{"bomFormat": "CycloneDX", "components": [' + b'{"components": [' * 20_000,
    ],
    ids=["empty", "another document", "no list", "XML", "too deep"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(cyclonedx.read(content))


SAMPLE = {
    **bill(
        {"type": "operating-system", "name": "debian", "version": "12"},
        library(
            "pkg:deb/debian/x@1",
            scope="optional",
            version="1",
            licenses=[{"license": {"id": "MIT"}}],
            properties=[{"name": "aquasecurity:trivy:SrcName", "value": "y"}],
            evidence={"occurrences": [{"location": "/a"}]},
            components=[library("pkg:npm/a@1")],
        ),
    ),
    "metadata": {"component": {"components": [library("pkg:npm/part@1")]}},
}


@given(st.binary(max_size=100) | damaged(SAMPLE) | documents("components", "purl", "pkg:npm/a@1", "type"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(cyclonedx.read(content))

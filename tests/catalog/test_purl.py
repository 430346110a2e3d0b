"""Package URLs: read as written, refused where they are none, and the inverse of how ours are written."""

from contextlib import suppress

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rightshift.catalog import purl
from rightshift.model.package import Distro, Package, SourcePackage


@pytest.mark.parametrize(
    ("text", "ecosystem", "name", "version"),
    [
        ("pkg:npm/%40angular/core@17.0.0", "npm", "@angular/core", "17.0.0"),
        ("pkg:npm/@angular/core@17.0.0", "npm", "@angular/core", "17.0.0"),
        ("pkg:npm/@angular/core", "npm", "@angular/core", ""),
        ("PKG:NPM/left-pad@1.0.0", "npm", "left-pad", "1.0.0"),
        ("pkg://pypi/Flask_Cors@4.0.0", "pypi", "flask-cors", "4.0.0"),
        (
            "pkg:maven/org.apache.commons/io@1.3.4?type=jar&classifier=sources",
            "maven",
            "org.apache.commons:io",
            "1.3.4",
        ),
        ("pkg:golang/github.com/a/b@v1.0.0#sub/pkg", "golang", "github.com/a/b", "v1.0.0"),
        ("pkg:cocoapods/Texture@3.1.0#Core", "cocoapods", "Texture/Core", "3.1.0"),
        ("pkg:composer/Vendor/Name@1", "composer", "vendor/name", "1"),
        ("pkg:generic/openssl", "generic", "openssl", ""),
        ("pkg:gem/a@1.0?download_url=https://files.example/a?b=c", "gem", "a", "1.0"),
        ("pkg:cargo/tokio@1.2.0%2Bfork", "cargo", "tokio", "1.2.0+fork"),
    ],
)
def test_names_and_versions(text: str, ecosystem: str, name: str, version: str) -> None:
    found = purl.package(text)
    assert (found.ecosystem, found.name, found.version) == (ecosystem, name, version)
    assert (found.state, found.origin) == ("claimed", "unknown")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&upstream=gcc-12%4012.2.0-14&distro=debian-12",
            Package(
                ecosystem="deb",
                name="libstdc++6",
                version="12.2.0-14",
                arch="amd64",
                source=SourcePackage("gcc-12", "12.2.0-14"),
                distro=Distro("debian", "12"),
            ),
        ),
        (
            "pkg:deb/debian/perl@5.36.0-7?arch=amd64&epoch=1&distro=debian-12.5",
            Package(ecosystem="deb", name="perl", version="1:5.36.0-7", arch="amd64", distro=Distro("debian", "12.5")),
        ),
        (
            "pkg:rpm/redhat/bash@5.1.8-6.el9?arch=x86_64&upstream=bash-5.1.8-6.el9.src.rpm&distro=redhat-9.2",
            Package(
                ecosystem="rpm",
                name="bash",
                version="5.1.8-6.el9",
                arch="x86_64",
                namespace="redhat",
                source=SourcePackage("bash", "5.1.8-6.el9"),
                distro=Distro("rhel", "9.2"),
            ),
        ),
        (
            "pkg:rpm/opensuse/vim@9?epoch=2&distro=opensuse-leap-15.5",
            Package(
                ecosystem="rpm",
                name="vim",
                version="2:9",
                namespace="opensuse",
                distro=Distro("opensuse-leap", "15.5"),
            ),
        ),
        (
            "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=3.18.4",
            Package(ecosystem="apk", name="musl", version="1.2.4-r2", arch="x86_64", distro=Distro("alpine", "3.18.4")),
        ),
        (
            "pkg:deb/debian/curl@7.50.3-1?distro=jessie",
            Package(ecosystem="deb", name="curl", version="7.50.3-1", distro=Distro("debian", codename="jessie")),
        ),
        (
            "pkg:deb/ubuntu/curl@7.50.3-1",
            Package(ecosystem="deb", name="curl", version="7.50.3-1", namespace="ubuntu"),
        ),
    ],
)
def test_what_scanners_say_of_a_distribution(text: str, expected: Package) -> None:
    found = purl.package(text)
    assert (found.name, found.version, found.arch, found.namespace) == (
        expected.name,
        expected.version,
        expected.arch,
        expected.namespace,
    )
    assert (found.source, found.distro) == (expected.source, expected.distro)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pkg:",
        "pkg:npm",
        "pkg:npm/",
        "npm/left-pad",
        "https://npm/left-pad",
        "pkg:n pm/a",
        "pkg:npm/a@%zz",
        "pkg:npm/a@%ff",
        "pkg:npm/%zz@%ff?=&#",
        "pkg:npm/a?=1",
        "pkg:npm/a?b c=1",
        "pkg:npm/" + "a" * 5_000,
    ],
)
def test_what_it_cannot_read_is_malformed(text: str) -> None:
    with pytest.raises(purl.MalformedPurl):
        purl.package(text)


@given(st.text(max_size=60) | st.text("pkg:/@?#&=%az2", max_size=60).map("pkg:npm/".__add__))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(purl.MalformedPurl):
        purl.package(text)


words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="/:"), min_size=1)
versions = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters=":"))
grouped = st.lists(words, min_size=1, max_size=3).map("/".join)


@given(
    st.sampled_from(["npm", "golang", "cargo", "gem", "nuget", "swift", "cran", "githubactions", "hex"]),
    grouped,
    versions,
)
@example("npm", "@scope/name", "1.0.0+build")
@example("golang", "a%2Fb/c?d#e", "v1@2")
def test_what_we_write_reads_as_the_same_package(kind: str, name: str, version: str) -> None:
    if kind in ("githubactions", "hex"):
        name = name.lower()
        assume(name.lower() == name)
    written = Package(ecosystem=kind, name=name, version=version).purl
    found = purl.package(written)
    assert (found.ecosystem, found.name, found.version) == (kind, name, version)
    assert found.purl == written


@given(words, words, versions)
def test_so_it_is_with_groups_and_parts(group: str, name: str, version: str) -> None:
    for kind, whole in (("maven", f"{group}:{name}"), ("cocoapods", f"{group}/{name}")):
        if kind == "cocoapods" and name in (".", ".."):
            continue
        found = purl.package(Package(ecosystem=kind, name=whole, version=version).purl)
        assert (found.ecosystem, found.name, found.version) == (kind, whole, version)


ids = st.sampled_from(["debian", "ubuntu", "alpine", "rhel", "fedora", "opensuse-leap", "amzn", "arch"])


@given(
    st.sampled_from(["deb", "apk", "rpm", "alpm"]),
    st.text("abcxyz0123456789+.-", min_size=1),
    st.sampled_from(["1.0-1", "1:2.38-1+deb12u4", "0:1.2", "2.0~rc1", ""]),
    ids,
    st.sampled_from(["12", "22.04", "3.19.1", "9.2", "20230201"]),
)
def test_so_it_is_with_packages_of_distributions(kind: str, name: str, version: str, distro: str, number: str) -> None:
    package = Package(ecosystem=kind, name=name, version=version, arch="amd64", distro=Distro(distro, number))
    found = purl.package(package.purl)
    assert (found.ecosystem, found.name, found.version, found.arch, found.distro) == (
        kind,
        name,
        version,
        "amd64",
        Distro(distro, number),
    )
    assert found.purl == package.purl


@pytest.mark.parametrize(
    "text",
    [
        "pkg:npm/%40angular/core@17.0.0",
        "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&upstream=gcc-12%4012.2.0-14",
        "pkg:golang/github.com/a/b@v1.0.0#sub/pkg",
        "pkg:maven/org.apache/x@1?type=jar",
        "pkg:gem/a@1?platform=java#./b/../c",
    ],
)
def test_parts_are_those_that_the_reference_library_sees(text: str) -> None:
    library = pytest.importorskip("packageurl")
    theirs, ours = library.PackageURL.from_string(text), purl.parsed(text)
    assert (ours.type, ours.namespace, ours.name, ours.version, dict(ours.qualifiers)) == (
        theirs.type,
        theirs.namespace or "",
        theirs.name,
        theirs.version or "",
        theirs.qualifiers,
    )

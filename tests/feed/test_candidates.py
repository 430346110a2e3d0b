"""Where each kind of package is looked for, and where not at all."""

import pytest

from rightshift.feed.candidates import Candidate, candidates, spoken
from rightshift.model.package import Distro, Package, SourcePackage

DEBIAN = Distro("debian", "12")


def package(ecosystem: str, name: str, version: str = "1.0", **more: object) -> Package:
    return Package(ecosystem=ecosystem, name=name, version=version, **more)  # type: ignore[arg-type]


def looked_for(found: Package) -> list[tuple[str, str, str]]:
    return [(one.ecosystem, one.name, one.version) for one in candidates(found)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (package("pypi", "Foo_Bar"), ("PyPI", "foo-bar", "1.0")),
        (package("npm", "@scope/Name"), ("npm", "@scope/Name", "1.0")),
        (package("nuget", "Newtonsoft.Json"), ("NuGet", "newtonsoft.json", "1.0")),
        (package("composer", "Vendor/Name"), ("Packagist", "vendor/name", "1.0")),
        (package("maven", "org.example:thing"), ("Maven", "org.example:thing", "1.0")),
        (package("golang", "stdlib", "go1.21.0"), ("Go", "stdlib", "go1.21.0")),
        (package("bitnami", "redis", "7.0.0-3"), ("Bitnami", "redis", "7.0.0")),
        (
            package("deb", "libssl3", "3.0.9-1", distro=DEBIAN, source=SourcePackage("openssl", "3.0.9-2")),
            ("Debian", "openssl", "3.0.9-2"),
        ),
        (package("deb", "openssl", "3.0.9-1", distro=DEBIAN), ("Debian", "openssl", "3.0.9-1")),
        (
            package(
                "deb",
                "linux-image-amd64",
                "6.1.76-1",
                distro=DEBIAN,
                source=SourcePackage("linux-signed-amd64", "6.1.76+1"),
            ),
            ("Debian", "linux", "6.1.76-1"),
        ),
        (
            package(
                "apk", "libcrypto3", "3.1.4-r0", distro=Distro("alpine", "3.19.1"), source=SourcePackage("openssl")
            ),
            ("Alpine", "openssl", "3.1.4-r0"),
        ),
        (
            package(
                "rpm",
                "openssl-libs",
                "1:1.1.1k-4.el8",
                distro=Distro("almalinux", "8.5"),
                source=SourcePackage("openssl"),
            ),
            ("AlmaLinux", "openssl-libs", "1:1.1.1k-4.el8"),
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Package) else "",
)
def test_each_kind_by_its_own_name_and_version(found: Package, expected: tuple[str, str, str]) -> None:
    assert looked_for(found) == [expected]


@pytest.mark.parametrize(
    "found",
    [
        package("npm", "left", owner="pkg:deb/debian/node-left@1"),
        package("npm", "left", not_installed=True),
        package("npm", "left", origin="git"),
        package("npm", "left", origin="local"),
        package("npm", "left", origin="url"),
        package("maven", "artifact-without-group"),
        package("deb", "openssl"),
        package("deb", "openssl", distro=Distro("unheard-of", "1")),
        package("luarocks", "x"),
    ],
    ids=[
        "owned",
        "not installed",
        "git",
        "folder",
        "address",
        "no group",
        "no distribution",
        "unknown one",
        "no ecosystem of OSV",
    ],
)
def test_what_its_name_does_not_prove_is_looked_for_nowhere(found: Package) -> None:
    assert looked_for(found) == []


def test_a_jar_of_unknown_origin_is_looked_for() -> None:
    assert looked_for(package("maven", "org.example:thing", origin="unknown")) != []


def test_modules_of_drupal_have_a_part_of_their_own() -> None:
    (drupal,), (other,) = candidates(package("composer", "drupal/core")), candidates(package("composer", "a/b"))
    release = "https://composer.example/8"
    assert (drupal.holds(""), drupal.holds(release), other.holds(""), other.holds(release)) == (True, True, True, False)


def said(ecosystem: str, name: str) -> list[Candidate]:
    return list(spoken(ecosystem, name, "1.0"))


def test_osvs_words_name_a_release_or_all() -> None:
    (one,), (all_of_them,) = said("Debian:12", "openssl"), said("Debian", "openssl")
    assert (one.holds("12"), one.holds("11"), all_of_them.holds("11")) == (True, False, True)


def test_a_well_known_binary_is_looked_for_by_its_source_too() -> None:
    assert [one.name for one in said("Alpine:v3.10", "libcrypto1.1")] == ["libcrypto1.1", "openssl"]
    assert [one.name for one in said("Debian:9", "libcomerr2")] == ["libcomerr2", "e2fsprogs"]


def test_a_purl_type_does_as_well() -> None:
    assert [(one.ecosystem, one.name) for one in said("pypi", "A_b")] == [("PyPI", "a-b")]

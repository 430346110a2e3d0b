"""Package URLs as the specification writes them, and a package with other values."""

from dataclasses import fields, replace

import pytest

from rightshift.model.package import Distro, Package

DEBIAN = Distro("debian", "12")


@pytest.mark.parametrize(
    ("package", "purl"),
    [
        (Package(ecosystem="npm", name="@scope/name", version="1.0.0"), "pkg:npm/%40scope/name@1.0.0"),
        (Package(ecosystem="maven", name="org.a:b", version="1"), "pkg:maven/org.a/b@1"),
        (Package(ecosystem="golang", name="github.com/x/y", version="v1.2.3"), "pkg:golang/github.com/x/y@v1.2.3"),
        (Package(ecosystem="pypi", name="Typing_Extensions", version="4"), "pkg:pypi/typing-extensions@4"),
        (
            Package(ecosystem="deb", name="bash", version="1:5.2+b1", arch="amd64", distro=DEBIAN),
            "pkg:deb/debian/bash@1:5.2%2Bb1?arch=amd64&distro=debian-12",
        ),
        (
            Package(ecosystem="rpm", name="bash", version="2:5.2-1.el9", distro=Distro("rocky", "9")),
            "pkg:rpm/rocky/bash@5.2-1.el9?distro=rocky-9&epoch=2",
        ),
        (Package(ecosystem="generic", name="a b", version=""), "pkg:generic/a%20b"),
    ],
)
def test_package_url(package: Package, purl: str) -> None:
    assert package.purl == purl


def test_with_other_values_all_else_stays() -> None:
    package = Package(ecosystem="npm", name="a", version="1", dev=True, locations=("x",), licenses=("MIT",))
    assert package.but(layer=3, owner="o") == replace(package, layer=3, owner="o")
    assert package.but() == package
    assert {field.name for field in fields(Package)} == set(Package.__slots__)

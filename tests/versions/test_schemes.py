"""Which ecosystem has which scheme, as purl and OSV write them."""

import pytest

from rightshift.model.ecosystem import OSV
from rightshift.versions.schemes import all_schemes, scheme


@pytest.mark.parametrize(
    ("name", "ecosystems"),
    [
        ("apk", ["apk", "Alpine:v3.19", "Alpaquita:23", "BellSoft Hardened Containers:25", "Wolfi", "Chainguard"]),
        ("dpkg", ["deb", "Debian:12", "Debian", "Ubuntu:Pro:22.04:LTS"]),
        ("rpm", ["rpm", "AlmaLinux:8", "Rocky Linux:9", "Red Hat:enterprise_linux:9::baseos", "SUSE", "openSUSE"]),
        ("rpm", ["openEuler:24.03-LTS", "Mageia:9", "Photon OS:5.0"]),
        ("pacman", ["alpm"]),
        ("pep440", ["pypi", "PyPI"]),
        ("npm", ["npm"]),
        ("maven", ["maven", "Maven"]),
        ("golang", ["golang", "Go"]),
        ("semver", ["cargo", "crates.io", "Hex", "SwiftURL", "swift", "Bitnami", "GitHub Actions"]),
        ("pub", ["pub", "Pub", "Julia"]),
        ("nuget", ["NuGet"]),
        ("rubygems", ["gem", "RubyGems"]),
        ("composer", ["composer", "Packagist:https://packages.drupal.org/8"]),
        ("hackage", ["Hackage", "GHC"]),
        ("cran", ["CRAN"]),
        ("opam", ["opam"]),
        ("conda", ["conda"]),
    ],
)
def test_each_ecosystem_has_its_scheme(name: str, ecosystems: list[str]) -> None:
    assert [found.name for found in map(scheme, ecosystems) if found] == [name] * len(ecosystems)


@pytest.mark.parametrize("ecosystem", ["", "OSS-Fuzz", "GIT", "Android", ":12", "nothing known"])
def test_an_ecosystem_without_an_order_has_none(ecosystem: str) -> None:
    assert scheme(ecosystem) is None


def test_every_language_of_the_model_has_a_scheme_by_both_its_names() -> None:
    for kind, osv in OSV.items():
        assert scheme(kind) is not None
        assert scheme(kind) is scheme(osv)


def test_no_ecosystem_is_claimed_twice() -> None:
    claimed = [ecosystem for each in all_schemes() for ecosystem in each.ecosystems]
    assert len(claimed) == len(set(claimed))
    assert claimed == [ecosystem.lower() for ecosystem in claimed]

"""Names, places and requirements as npm's tools write them."""

import pytest

from rightshift.catalog.npm import spec
from rightshift.model.package import Origin, Package


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [("a@1", "a", "1"), ("@s/a@^1", "@s/a", "^1"), ("@s/a", "@s/a", ""), ("a@npm:b@1", "a", "npm:b@1"), ("", "", "")],
)
def test_the_at_of_a_scope_stays_with_the_name(text: str, name: str, rest: str) -> None:
    assert spec.split(text) == (name, rest)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://registry.example.org/a/-/a-1.0.0.tgz", "registry"),
        ("npm:1.0.0", "registry"),
        ("^1.0.0", "registry"),
        ("1.0.0", "registry"),
        ("", "registry"),
        ("git+ssh://git@github.com/o/a.git#4f1c", "git"),
        ("https://github.com/o/a.git#commit=4f1c", "git"),
        ("https://codeload.github.com/o/a/tar.gz/4f1c", "git"),
        ("github:o/a#4f1c", "git"),
        ("o/a#v1", "git"),
        ("file:deps/a", "local"),
        ("workspace:packages/a", "local"),
        ("../a", "local"),
        ("https://packages.example.org/download/a/1.0.0/4f1c", "unknown"),
    ],
)
def test_where_an_address_leads(address: str, origin: Origin) -> None:
    assert spec.origin(address) == origin


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ("1", "1.0.0"),
        ("^1.2", "1.2.0"),
        (">=1.2.3 <2", "1.2.3"),
        ("5.x", "5.0.0"),
        ("~1.0.0-rc.1", "1.0.0-rc.1"),
        ("latest", ""),
        ("", ""),
    ],
)
def test_the_lowest_version_that_is_meant(requirement: str, version: str) -> None:
    assert spec.lowest(requirement) == version


def test_of_equal_packages_one_that_runs_decides() -> None:
    work = Package(ecosystem="npm", name="a", version="1", dev=True, optional=True)
    runs = Package(ecosystem="npm", name="a", version="1", optional=True)
    other = Package(ecosystem="npm", name="a", version="2", dev=True)
    assert spec.distinct([work, other, runs]) == [runs, other]

"""Which package URLs mean the same package."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess import purls
from rightshift.model.package import Distro, Package


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("pkg:npm/lodash", "pkg:npm/lodash@4.17.20"),
        ("pkg:npm/lodash@4.17.20", "pkg:npm/lodash@4.17.20"),
        ("pkg:npm/%40scope/name@1.0.0", "pkg:npm/@scope/name@1.0.0"),
        ("pkg:npm/@scope/name", "pkg:npm/%40scope/name@1.0.0"),
        ("pkg:pypi/Foo_Bar", "pkg:pypi/foo-bar@1.0"),
        ("pkg:deb/debian/curl@7.88.1-10", "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12"),
        ("pkg:deb/debian/curl?arch=amd64", "pkg:deb/debian/curl@1?distro=debian-12&arch=amd64"),
        ("pkg:maven/org.apache/log4j@2.0#sub/path", "pkg:maven/org.apache/log4j@2.0"),
        ("PKG:NPM/lodash", "pkg:npm/lodash"),
        ("pkg://npm/lodash", "pkg:npm/lodash"),
        ("pkg:deb/debian/g%2B%2B@1%3A2", "pkg:deb/debian/g++@1:2"),
        ("pkg:golang/github.com/Masterminds/sprig", "pkg:golang/github.com/masterminds/sprig@v2.0.0"),
    ],
)
def test_a_pattern_covers_the_package_that_it_means(pattern: str, found: str) -> None:
    assert purls.covers(pattern, found)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("pkg:npm/lodash", "pkg:npm/lodash.get@1.0.0"),
        ("pkg:npm/lodash@4", "pkg:npm/lodash@4.17.20"),
        ("pkg:npm/lodash@4.17.20", "pkg:npm/lodash"),
        ("pkg:npm/lodash", "pkg:pypi/lodash"),
        ("pkg:npm/name", "pkg:npm/@scope/name"),
        ("pkg:deb/debian/curl?arch=arm64", "pkg:deb/debian/curl@1?arch=amd64"),
        ("pkg:deb/debian/curl?arch=arm64", "pkg:deb/debian/curl@1"),
        ("pkg:npm/Lodash", "pkg:npm/lodash"),
        ("lodash", "lodash"),
        ("pkg:npm", "pkg:npm"),
        ("", ""),
    ],
)
def test_a_pattern_does_not_cover_another(pattern: str, found: str) -> None:
    assert not purls.covers(pattern, found)


@given(
    st.sampled_from(["npm", "pypi", "maven", "golang", "deb", "rpm"]),
    st.text(alphabet="ab/:@%+_-.é ", min_size=1, max_size=12).filter(lambda name: name.strip("/: ")),
    st.text(alphabet="1a.:@+~%-/?# ", max_size=8),
)
def test_the_purl_of_a_package_covers_itself(kind: str, name: str, version: str) -> None:
    package = Package(ecosystem=kind, name=name, version=version, distro=Distro("debian", "12"), arch="amd64")
    parsed = purls.parse(package.purl)
    if parsed is not None:
        assert parsed.covers(parsed)
        assert purls.covers(package.purl.partition("?")[0], package.purl)


@given(st.text(max_size=60).map(lambda text: "pkg:" + text) | st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    assert purls.covers(text, text) == (purls.parse(text) is not None)


def test_a_long_one_is_none() -> None:
    assert purls.parse("pkg:npm/" + "a" * 100_000) is None

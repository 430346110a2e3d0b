"""How much of a list a feed knows, and of which distributions it knows nothing."""

from pathlib import Path

from rightshift.feed.coverage import Coverage, coverage
from rightshift.feed.lookup import Feed
from rightshift.model.package import Distro, Package, SourcePackage
from tests.feed.bucket import feed, osv


def test_coverage(tmp_path: Path) -> None:
    feed(tmp_path, [osv("T-1", "npm", "x", "introduced 9"), osv("T-2", "Debian:12", "foo", "introduced 0")])
    debian, fedora = Distro("debian", "12"), Distro("fedora", "39")
    packages = [
        Package(ecosystem="npm", name="x", version="1.0.0"),
        Package(ecosystem="npm", name="x"),
        Package(ecosystem="npm", name="y", version="1.0.0"),
        Package(ecosystem="deb", name="libfoo", version="1", distro=debian, source=SourcePackage("foo")),
        Package(ecosystem="deb", name="bar", version="1", distro=debian),
        Package(ecosystem="rpm", name="foo", version="1", distro=fedora),
    ]
    with Feed.open(tmp_path) as known:
        found = coverage(packages, known)
    assert found == Coverage(3, 6, ("fedora 39",), 1)
    assert found.sentence(starter=True) == "starter feed: covers 3 of your 6 packages"

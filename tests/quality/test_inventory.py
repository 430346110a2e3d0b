"""Every case of the inventory fixtures gives exactly the expected packages; a broken file gives a gap."""

import json
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from rightshift.catalog import index, walk
from rightshift.catalog.walk import Reading
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree import root
from tests.shared import FOLDER

INVENTORY = FOLDER / "fixtures" / "inventory"
CASES = sorted(INVENTORY.glob("*/*/expected.json"))

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not CASES, reason="the data set is not beside this checkout")]

NO_PURL_TYPE = "maven"


def key(kind: str, name: str, version: str) -> tuple[str, str, str]:
    if kind == "pypi":
        name = canonicalize_name(name)
    if kind in ("nuget", "composer", "golang", "luarocks"):
        name = name.lower()
    return kind, name, version


def found(tree: Path) -> tuple[list[Package], list[Gap]]:
    packages: list[Package] = []
    gaps: list[Gap] = []
    for item in walk.read(root.walk(str(tree), index.index()), index.index()):
        match item:
            case Gap():
                gaps.append(item)
            case Reading():
                packages += item.packages
    return packages, gaps


@pytest.mark.parametrize("case", CASES, ids=["/".join(c.parts[-3:-1]) for c in CASES])
def test_exactly_the_expected_packages(case: Path) -> None:
    expected = json.loads(case.read_text())
    packages, gaps = found(case.parent / "root")
    want = {
        key(p["purl"].removeprefix("pkg:").split("/")[0] if p["purl"] else NO_PURL_TYPE, p["name"], p["version"])
        for p in expected["packages"]
    }
    have = {key(p.ecosystem, p.name, p.version) for p in packages}
    assert have == want
    assert bool(gaps) == expected["malformed"], gaps

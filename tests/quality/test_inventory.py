"""Every case of the inventory fixtures gives exactly the expected packages; a broken file gives a gap."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

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
NAMES = ["/".join(case.parts[-3:-1]) for case in CASES]
PROGRAM = "from rightshift.cli.main import main; raise SystemExit(main())"
Key = tuple[str, str, str]


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


DISPUTED: dict[str, tuple[set[Key], set[Key]]] = {
    "asdf/scalibr-tool-versions-simplevalid-tool-versions": (
        set(),
        {("asdf", "nodejs", "19.0"), ("asdf", "nodejs", "20.0"), ("asdf", "nodejs", "21")},
    ),
    "composer/syft-composer-lock-composer-lock": (
        {("composer", "behat/gherkin", "v4.6.2"), ("composer", "codeception/codeception", "4.1.6")},
        set(),
    ),
    "composer/trivy-composer-lock-composer-with-dev-composer-lock": (
        {("composer", "pear/log", "1.14.6"), ("composer", "pear/pear_exception", "v1.0.2")},
        set(),
    ),
    "golang/scalibr-vendor-modules-valid-vendor-modules-txt": (
        {("golang", "github.com/burntsushi/toml", "v1.2.1"), ("golang", "example.com/afterheaderonly", "v0.3.0")},
        {("golang", "example.com/afterheaderonly", "v1.2.1")},
    ),
    "maven/trivy-pom-xml-happy-pom-xml": (set(), {("maven", "com.example:example", "1.0.0")}),
    "npm/scalibr-package-json-package-with-deps-json": (
        set(),
        {
            ("npm", f"dep{n}", v)
            for n, v in ((1, "1.0.0"), (2, "2.0.1"), (3, "3.1.0"), (4, "0.4.2"), (5, "5.0.0"), (7, "1.0.0"))
        },
    ),
    "pypi/scalibr-requirements-with-versions-txt": (
        set(),
        {
            ("pypi", "asdf", ""),
            ("pypi", "combination-also-valid", "3.5"),
            ("pypi", "newspaper3k", "0.2.2"),
            ("pypi", "pkg", "1.2.3"),
        },
    ),
    "pypi/syft-pipfile-lock-pipfile-lock-pipfile-lock": (
        {("pypi", "astroid", "2.5.2"), ("pypi", "autopep8", "1.5.6")},
        set(),
    ),
}
"""What we give beyond an expectation, and what we don't: the reasons stand in docs/explanation/expectations.md."""


def test_every_disputed_case_has_its_reason_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs/explanation/expectations.md").read_text()
    assert re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE) == list(DISPUTED)
    assert f"{len(CASES) - len(DISPUTED)} of {len(CASES)} cases" in page


def wanted(name: str, expected: dict[str, Any]) -> set[Key]:
    """What the case expects, or what we give instead."""
    more, less = DISPUTED.get(name, (set(), set()))
    packages = {
        key(p["purl"].removeprefix("pkg:").split("/")[0] if p["purl"] else NO_PURL_TYPE, p["name"], p["version"])
        for p in expected["packages"]
    }
    assert less <= packages, "what is left out is expected at all"
    assert not more & packages, "what is added is not expected anyway"
    return packages - less | more


@pytest.mark.parametrize(("name", "case"), list(zip(NAMES, CASES, strict=True)), ids=NAMES)
def test_exactly_the_expected_packages(name: str, case: Path) -> None:
    expected = json.loads(case.read_text())
    packages, gaps = found(case.parent / "root")
    assert {key(p.ecosystem, p.name, p.version) for p in packages} == wanted(name, expected)
    assert bool(gaps) == expected["malformed"], gaps


def test_the_command_says_the_same_of_all_cases() -> None:
    """Merging, the child and the document lose and add nothing: one process, a line a case."""
    scanned = subprocess.run(
        [sys.executable, "-c", PROGRAM, "scan", *[f"{name}/root" for name in NAMES], "--no-match", "--json", "-q"],
        cwd=INVENTORY,
        capture_output=True,
        check=True,
    )
    documents = [json.loads(line) for line in scanned.stdout.splitlines()]
    assert len(documents) == len(CASES)
    for name, case, document in zip(NAMES, CASES, documents, strict=True):
        expected = json.loads(case.read_text())
        have = {key(p["ecosystem"], p["name"], p["version"]) for p in document["packages"]}
        assert have == wanted(name, expected), name
        assert document["status"] == ("partial" if expected["malformed"] else "complete"), name
        assert bool(document["gaps"]) == expected["malformed"], name

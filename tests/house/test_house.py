"""Rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from rightshift.catalog.declared import catalogue

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src/rightshift").rglob("*.py"))
ALL = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]
GENERATED = ROOT / "src/rightshift/cli/console/types.py"
REFUSED = {"utils", "util", "helpers", "helper", "common", "core", "base", "managers", "manager", "services", "service"}
PERMISSIVE = re.compile(r"\b(?:MIT(?:-0)?|BSD|Apache|PSF|ISC|Python Software Foundation)\b")
LESSER = {"cvss"}
"""Libraries of a licence that is not permissive, allowed by name; NOTICE lists them."""


def test_no_name_says_nothing() -> None:
    for file in ALL:
        parts = file.relative_to(ROOT).with_suffix("").parts
        assert not REFUSED & {word for part in parts for word in part.split("_")}, file
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef):
                assert not re.search(r"Manager|Helper|Util|Base(?![a-z])", node.name), f"{file}: {node.name}"


def test_no_file_is_two_things() -> None:
    written = [file for file in SOURCES if file != GENERATED]
    assert not {str(file.relative_to(ROOT)) for file in written if len(file.read_text().splitlines()) > 400}


@pytest.mark.check("P01")
def test_no_requirement_names_an_index() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", file.read_text()), file


@pytest.mark.check("P01")
def test_every_pin_has_a_hash() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        pins = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==\S+.*(?:\n    --hash=.*)*", file.read_text(), re.MULTILINE)
        assert pins
        assert all("--hash=sha256:" in pin for pin in pins)


def test_every_module_says_what_belongs_there() -> None:
    for file in SOURCES:
        assert file.read_text().lstrip().startswith('"""'), file


def test_the_version_needs_nothing_heavy() -> None:
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from rightshift.cli.main import main; main(['--version'])"],
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = {line.rpartition("|")[2].strip() for line in shown.stderr.splitlines()}
    assert shown.stdout.startswith("rightshift ")
    assert not loaded & {"argparse", "msgspec", "yaml", "urllib3", "sqlite3", "cryptography", "rightshift.scan.run"}


def installed_with(name: str) -> set[str]:
    """A distribution and all that it needs here, without extras."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop().lower()
        if one not in found:
            found.add(one)
            for text in metadata.distribution(one).requires or ():
                needed = Requirement(text)
                if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                    waiting.append(needed.name)
    return found - {name}


@pytest.mark.check("P08")
@pytest.mark.parametrize("name", sorted(installed_with("rightshift")))
def test_libraries_are_permissive_or_named(name: str) -> None:
    about = metadata.distribution(name).metadata.json
    classifiers = [one for one in about.get("classifier", []) if one.startswith("License")]
    licence = " ".join([str(about.get(key, "")) for key in ("license_expression", "license")] + classifiers)
    if name in LESSER:
        assert f"- {name} (" in (ROOT / "NOTICE").read_text()
    else:
        assert PERMISSIVE.search(licence), licence
        assert "GPL" not in licence


@pytest.mark.check("P08")
def test_the_notice_names_no_library_that_is_not_there() -> None:
    named = re.findall(r"^- (\S+) \(", (ROOT / "NOTICE").read_text(), re.MULTILINE)
    assert set(named) == LESSER <= installed_with("rightshift")


def test_the_only_advisories_in_the_package_are_the_starter_feed() -> None:
    """Files of data are few and small: each is named here, so that no data set slips in."""
    package = ROOT / "src/rightshift"
    data = {
        str(file.relative_to(package)): file.stat().st_size
        for file in package.rglob("*")
        if file.is_file() and file.suffix not in {".py", ".sql"} and "__pycache__" not in file.parts
    }
    assert data.keys() == {
        "assess/weights.toml",
        "catalog/os_release/end_of_life.csv",
        "console/api/openapi.json",
        "console/auth/common_passwords.csv",
        "documents/facts.schema.json",
        "documents/scan.schema.json",
        "feed/starter/kev.csv",
        "feed/starter/records.jsonl",
        "py.typed",
    }
    assert sum(data.values()) < 1 << 20


def test_every_format_says_what_and_where() -> None:
    formats = catalogue().formats
    assert len({form.name for form in formats}) == len(formats)
    for form in formats:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", form.name)
        assert re.fullmatch(r"[A-Z.a-z].*: .+", form.title), form.name
        assert form.patterns or form.executables, form.name


def test_no_text_holds_only_on_one_machine() -> None:
    texts = [*SOURCES, *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    for file in texts:
        assert not re.search(r"(?<![\w.])/(?:home|root|Users)/\w", file.read_text()), file
        assert str(ROOT) not in file.read_text(), file

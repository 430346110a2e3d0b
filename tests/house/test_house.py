"""Rules of the house that no linter knows."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src/rightshift").rglob("*.py"))
REFUSED = {"utils", "helpers", "common", "core", "base", "managers", "services", "misc"}
LESSER = {"cvss"}
"""Libraries of a licence that is not permissive, allowed by name; NOTICE lists them."""


def test_no_name_says_nothing() -> None:
    for file in SOURCES:
        assert not REFUSED & {*file.relative_to(ROOT).with_suffix("").parts}, file


def test_no_file_is_two_things() -> None:
    long = {
        str(file.relative_to(ROOT)): count for file in SOURCES if (count := len(file.read_text().splitlines())) > 400
    }
    assert not long


def test_no_requirement_names_an_index() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", file.read_text()), file


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


@pytest.mark.parametrize(
    "name", ["cryptography", "cvss", "isal", "msgspec", "packaging", "pyyaml", "urllib3", "zstandard"]
)
def test_libraries_are_permissive_or_named(name: str) -> None:
    about = metadata.distribution(name).metadata.json
    licence = " ".join(
        [str(about.get(key, "")) for key in ("license_expression", "license")] + list(about.get("classifier", []))
    )
    if name in LESSER:
        assert f"- {name} (" in (ROOT / "NOTICE").read_text()
    else:
        assert re.search(r"MIT|BSD|Apache|PSF|Python Software Foundation", licence), licence
        assert "GPL" not in licence

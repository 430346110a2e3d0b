"""What the code declares is in the docs, what the docs name is there, and they build without a warning."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rightshift.cli import command
from rightshift.errors import UsageError
from tests.house.pages import PAGES

ROOT = Path(__file__).parents[2]
TEXTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_what_the_code_declares(page: str) -> None:
    text = PAGES[page]()
    if os.environ.get("SNAPSHOT") == "write":
        (ROOT / page).write_text(text)
    assert (ROOT / page).read_text() == text, "SNAPSHOT=write pytest tests/house writes it anew"


@pytest.mark.parametrize("page", TEXTS, ids=[str(page.relative_to(ROOT)) for page in TEXTS])
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        assert "://" in link or (page.parent / link).exists(), link


@pytest.mark.parametrize("page", TEXTS, ids=[str(page.relative_to(ROOT)) for page in TEXTS])
def test_every_command_that_is_shown_can_be_given(page: Path) -> None:
    for line in re.findall(r"^(?: {4}|)(?:\.venv/bin/)?rightshift ([^`\n]+)$", page.read_text(), re.MULTILINE):
        words = shlex.split(re.split(r" [#<>|] ", line)[0])
        if words[0] in ("help", "--version"):
            continue
        try:
            command.parser(words[0], command.named(words[0])).parse_args(words[1:])
        except UsageError as error:
            pytest.fail(f"{line}: {error}")


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs/adr/index.md").read_text()
    for page in (ROOT / "docs/adr").glob("0*.md"):
        assert page.name in index


def test_the_docs_build_without_a_warning(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site/index.html").exists()


def test_every_make_target_is_explained() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets
    for target in targets[1].split():
        assert re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE), target

"""What the code declares is in the docs, what the docs name is there, and they build without a warning."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from rightshift.cli import command, help
from rightshift.console.door.measured import Measured
from rightshift.errors import UsageError
from tests.house import console_pages
from tests.house.pages import PAGES

ROOT = Path(__file__).parents[2]
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "news").glob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in TEXTS]

SHOWN = re.compile(r"^(?: {4})?(?:\.venv/bin/)?rightshift ([^`\n]+)$", re.MULTILINE)
"""A command as a reader would copy it: a line of a block."""
NAMED = re.compile(r"`rightshift ([^`\n]+)`")
"""A command in a sentence, perhaps with words in capitals for what the reader puts in."""
OWN = re.compile(r"RIGHTSHIFT_[A-Z_]+")
OF_THE_CHECKOUT = {"RIGHTSHIFT_SHARED", "RIGHTSHIFT_BENCH"}
"""Read by tests and benchmarks alone."""
OF_OTHERS = {"--version"}
"""Options that are no command's own."""


def words(line: str) -> list[str]:
    """What a shell would hand over: without comment, redirection and what comes after a pipe."""
    return shlex.split(re.split(r" [#<>|] | && ", line)[0].removesuffix("\\"))


def options() -> Iterator[str]:
    for name, declared in command.declared():
        for action in command.parser(name, declared).declared:
            yield from action.option_strings


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_what_the_code_declares(page: str) -> None:
    text = PAGES[page]()
    if os.environ.get("SNAPSHOT") == "write":
        (ROOT / page).write_text(text)
    assert (ROOT / page).read_text() == text, "SNAPSHOT=write pytest tests/house writes it anew"


@pytest.mark.parametrize("page", TEXTS, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link, place in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", page.read_text()):
        if "://" in link:
            continue
        target = page.parent / link if link else page
        assert target.exists(), link
        assert not place or place in _places(target), f"{link}#{place}"


def _places(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", TEXTS, ids=NAMES)
def test_every_command_that_is_shown_can_be_given(page: Path) -> None:
    for line in SHOWN.findall(page.read_text()):
        name, *rest = words(line)
        if name == "--version":
            continue
        try:
            command.parser(name, command.named(name)).parse_args(rest)
        except UsageError as error:
            pytest.fail(f"{line}: {error}")


@pytest.mark.parametrize("page", TEXTS, ids=NAMES)
def test_every_command_and_option_in_a_sentence_is_there(page: Path) -> None:
    text = page.read_text()
    for line in NAMED.findall(text):
        assert line.split()[0] in {*command.names(), "COMMAND", "--version"}, line
    known = {*options(), *OF_OTHERS}
    for option in re.findall(r"`(--[a-z-]+)", text):
        assert option in known, option


def test_every_variable_that_is_read_is_explained_and_no_other() -> None:
    read = {name for file in (ROOT / "src").rglob("*.py") for name in OWN.findall(file.read_text())}
    explained = set(OWN.findall(help.ENVIRONMENT))
    assert read == explained
    for page in TEXTS:
        assert set(OWN.findall(page.read_text())) <= explained | OF_THE_CHECKOUT, page


def test_every_decision_is_listed_once_and_in_order() -> None:
    pages = sorted(page.name for page in (ROOT / "docs/adr").glob("0*.md"))
    assert re.findall(r"\((0[^)]+\.md)\)", (ROOT / "docs/adr/index.md").read_text()) == pages
    for number, page in enumerate(pages, 1):
        assert (ROOT / "docs/adr" / page).read_text().startswith(f"# {number}. "), page


def test_the_docs_build_without_a_warning(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "site/index.html").exists()


def test_a_page_that_nobody_links_is_a_warning(tmp_path: Path) -> None:
    """What the test above relies on: strict is not strict when it is also quiet."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "docs/lost.md").write_text("# Lost\n")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert built.returncode == 1


def test_make_explains_every_target() -> None:
    if not shutil.which("make"):
        pytest.skip("there is no make here")
    shown = subprocess.run(["make", "-s", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    assert set(re.findall(r"^  make (\w+) +\S", shown, re.MULTILINE)) == set(targets[1].split())


@pytest.mark.parametrize("page", TEXTS, ids=NAMES)
def test_every_make_target_in_a_text_is_there(page: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in re.findall(r"(?:^ {4}|`)make ([a-z]+)", page.read_text(), re.MULTILINE):
        assert target in targets, target


def test_news_are_of_a_known_kind() -> None:
    for page in (ROOT / "news").glob("*.md"):
        if page.name != "README.md":
            assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", page.name)
            assert page.read_text().strip()


def test_what_may_be_stale_is_told_with_what_to_do_as_the_console_says_it() -> None:
    assert console_pages.stale() in (ROOT / "docs/how-to/operate.md").read_text()


def test_every_metric_that_a_page_names_is_there() -> None:
    series = {one.name for one in Measured().registry.collect()}
    named = set(re.findall(r"\b(rightshift_\w+|process_\w+_\w+)", (ROOT / "docs/how-to/operate.md").read_text()))
    assert named
    assert {re.sub(r"_(total|bucket|sum|count)$", "", one) for one in named} <= series


@pytest.mark.parametrize("page", TEXTS, ids=NAMES)
def test_what_is_shown_as_yaml_is_yaml(page: Path) -> None:
    for text in re.findall(r"^```yaml[^\n]*\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        assert yaml.safe_load(text)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```ini[^\n]*\n(.*?)^```$", (ROOT / "docs/how-to/operate.md").read_text(), re.M | re.S)
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze here")
    unit = tmp_path / "rightshift.service"
    unit.write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    said = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert not [line for line in said.stderr.splitlines() if "rightshift.service" in line]

"""Rules for tests: each says something, and each module has its own or is a part of one that has."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/rightshift"
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

ELSEWHERE = {
    "rightshift.__main__": "tests/cli/test_run.py: python -m rightshift",
    "rightshift.parts": "tests/catalog/test_index.py: what is found by being there",
    "rightshift.model.advisory": "words without behaviour",
    "rightshift.model.facts": "words without behaviour",
    "rightshift.model.inventory": "words without behaviour",
    "rightshift.model.known": "words without behaviour",
    "rightshift.model.ecosystem": "tests/versions/test_schemes.py: a table of names",
    "rightshift.cli.formats": "tests/cli/test_run.py tries each command and its examples",
    "rightshift.cli.version": "as above",
    "rightshift.cli.match": "tests/cli/test_matched.py",
    "rightshift.console.app": "tests/console/api asks the whole of it",
    "rightshift.console.deriving": "tests/console/test_up.py starts and kills it",
    "rightshift.console.worker": "as above; tests/console/jobs runs what it does",
    "rightshift.cli.up": "tests/console/test_up.py starts it as a program",
    "rightshift.console.store.migrations.env": "tests/console/store/test_migrate.py: alembic runs it",
    "rightshift.console.store.migrations.versions.0001": "as above",
}
"""Modules that no test of their own folder and no neighbour leads to, with where they are tested or why not."""

BY_ENDING = {
    "test_the_shell_reads_it": "the shell's exit code",
    "test_the_examples_of_a_page_are_understood": "an example that is not ends it",
    "test_random_damage_is_an_error_and_no_trace": "anything else than the error ends it",
    "test_matches_are_of_their_declared_shape": "decoding refuses any other",
    "test_taken": "a refused password raises",
}
"""Tests that hold by coming to their end. So do all that say so: `no bytes raise anything else`."""


@cache
def imports(file: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def modules() -> dict[str, Path]:
    return {
        ".".join(("rightshift", *file.relative_to(SOURCE).with_suffix("").parts)): file
        for file in SOURCE.rglob("*.py")
        if file.stem != "__init__"
    }


ROUTE = re.compile(r'^@(?:get|post|put|patch|delete)\(\s*\[?"(/[a-z/]*[a-z])', re.MULTILINE)
"""What a resource answers: it is found by being there, so tests don't import it but ask."""


def asked(path: str, folder: Path) -> bool:
    return any(path in test.read_text() for test in folder.glob("test_*.py"))


def test_every_module_is_tested_where_one_looks_for_it() -> None:
    """By `test_NAME.py` in the mirrored folder, by another test there, or as a part of a neighbour that is."""
    there = modules()
    tested = set()
    for name, file in there.items():
        mirrored = ROOT / "tests" / file.relative_to(SOURCE).parent
        own = mirrored / f"test_{file.name}"
        if own.exists() or any(name in imports(test) for test in mirrored.glob("test_*.py")):
            tested.add(name)
        if file.parent.name == "api" and any(asked(path, mirrored) for path in ROUTE.findall(file.read_text())):
            tested.add(name)
    while parts := {
        name
        for one in tested
        for name in imports(there[one]) & there.keys() - tested
        if name.split(".")[1] == one.split(".")[1]
    }:
        tested |= parts
    assert there.keys() - tested == ELSEWHERE.keys()


def says_something(function: ast.AST, helpers: set[str]) -> bool:
    """Whether it asserts, expects an error, or hands over to something that does."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in {"raises", "fail", "snapshot"} | helpers:
                return True
    return False


def silent(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text())
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    telling = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests.")
        for alias in node.names
    }
    while more := {name for name, it in functions.items() if name not in telling and says_something(it, telling)}:
        telling |= more
    for name in functions:
        if name.startswith("test_") and name not in telling and "_raise" not in name and name not in BY_ENDING:
            yield name


@pytest.mark.parametrize("file", TESTS, ids=[str(file.relative_to(ROOT / "tests")) for file in TESTS])
def test_every_test_says_something(file: Path) -> None:
    assert not list(silent(file))


def test_a_test_that_says_nothing_is_found(tmp_path: Path) -> None:
    file = tmp_path / "test_it.py"
    file.write_text("def check():\n    assert 1\n\ndef test_a():\n    check()\n\ndef test_b():\n    print(1)\n")
    assert list(silent(file)) == ["test_b"]

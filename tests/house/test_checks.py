"""Each security check that concerns the console is carried by a test: `@pytest.mark.check("A05")` says by which."""

import ast
import re
from pathlib import Path

from tests.shared import shared

TESTS = sorted((Path(__file__).parents[1]).rglob("test_*.py"))
ROW = re.compile(r"^\| ([A-Z]\d\d) \| console \|", re.MULTILINE)

WITHOUT_A_TEST: dict[str, str] = {}
"""Rows that no test carries yet, and why. One that a test carries by now does not stand here."""


def carried() -> dict[str, list[str]]:
    """Ids of checks, and which tests say that they are of them."""
    found: dict[str, list[str]] = {}
    for file in TESTS:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for said in node.decorator_list:
                    if isinstance(said, ast.Call) and ast.unparse(said.func) == "pytest.mark.check":
                        (id,) = (one.value for one in said.args if isinstance(one, ast.Constant))
                        found.setdefault(str(id), []).append(f"{file.name}: {node.name}")
    return found


def test_every_check_of_the_console_has_a_test() -> None:
    rows = set(ROW.findall(shared("SECURITY-CHECKS.md").read_text()))
    assert len(rows) > 40
    assert rows - carried().keys() == WITHOUT_A_TEST.keys()


def test_marks_name_checks() -> None:
    known = set(re.findall(r"^\| ([A-Z]\d\d) \|", shared("SECURITY-CHECKS.md").read_text(), re.MULTILINE))
    assert carried().keys() <= known

"""Reads the questions of a module from the `.sql` file beside it, each under its `-- name:`."""

import re
from functools import cache
from pathlib import Path
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


@cache
def questions(module: str) -> dict[str, LiteralString]:
    """
    The statements of `FILE.sql` beside `FILE.py`, by name; `module` is that file's `__file__`.

    They are our own text, from the package: values come in as parameters only.
    """
    first, *rest = _NAME.split(Path(module).with_suffix(".sql").read_text())
    if first.strip() and not all(line.startswith("--") for line in first.splitlines() if line.strip()):
        raise ValueError(f"{module}: there is a statement before the first name")
    return cast(
        "dict[str, LiteralString]", {name: text.strip() for name, text in zip(rest[::2], rest[1::2], strict=True)}
    )

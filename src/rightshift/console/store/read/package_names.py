"""A name of a package as somebody asks for it: whole or its last part, in any spelling. In SQL: package_spelling."""

import re

_RUN = re.compile(r"[-_.]+")


def spelled(name: str) -> str:
    """To be compared with `package_spelling` and `package_last`."""
    return name.lower().replace(":", "/")


def of_pypi(name: str) -> str:
    """To be compared with `package_spelling`, for PyPI alone. Source: PEP 503, "Normalized Names"."""
    return _RUN.sub("-", name.lower())

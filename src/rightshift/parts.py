"""Finds the parts of a folder: each module there is one, found by being there."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType


def names(package: str) -> Iterator[str]:
    """Dotted names of all modules below a package, in alphabetical order; only folders are imported."""
    parent = importlib.import_module(package)
    for info in sorted(pkgutil.walk_packages(parent.__path__, package + "."), key=lambda info: info.name):
        yield info.name


def modules(package: str) -> Iterator[ModuleType]:
    """All modules below a package, imported."""
    for name in names(package):
        yield importlib.import_module(name)

"""Finds the parts of a folder: each module there is one, found by being there."""

import importlib
import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def names(package: str) -> Iterator[str]:
    """Dotted names of all modules below a package, in alphabetical order; only folders are imported."""
    import pkgutil

    parent = importlib.import_module(package)
    for info in sorted(pkgutil.walk_packages(parent.__path__, package + "."), key=lambda info: info.name):
        yield info.name


def right_below(package: str) -> Iterator[str]:
    """Names of the modules right below a package, without it, in alphabetical order; none is imported."""
    import pkgutil

    parent = importlib.import_module(package)
    yield from sorted(info.name for info in pkgutil.iter_modules(parent.__path__) if not info.ispkg)


def modules(package: str) -> Iterator[ModuleType]:
    """All modules below a package, imported."""
    for name in names(package):
        yield importlib.import_module(name)


def declared(package: str, attribute: str, kind: type[T]) -> Iterator[tuple[str, T]]:
    """Module name (dotted) and declaration of each module that has one of this kind under this name."""
    for module in modules(package):
        found = getattr(module, attribute, None)
        if isinstance(found, kind):
            yield module.__name__, found


def exists(package: str, name: str) -> bool:
    """Whether there is a module of that name right below a package; it is not imported."""
    return name.isidentifier() and importlib.util.find_spec(f"{package}.{name}") is not None


def named(package: str, name: str, attribute: str, kind: type[T]) -> T | None:
    """The declaration of one module right below a package, the only one that is imported; None when there is none."""
    if not exists(package, name):
        return None
    found = getattr(importlib.import_module(f"{package}.{name}"), attribute, None)
    return found if isinstance(found, kind) else None

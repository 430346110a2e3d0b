"""
All formats of this folder, found by being there, without importing what no file asks for. Which wants what: `index.py`.

Reading a hundred declarations takes longer than scanning a small tree. So they are kept in one file beside Python's own
bytecode, as good as that: made anew when a source file changes, and not needed where it can't be written.
"""

import importlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property

from rightshift import parts
from rightshift.catalog.format import Format

_PACKAGE = "rightshift.catalog"
_HERE = os.path.dirname(__file__)
_VERSIONED = (_HERE, os.path.join(os.path.dirname(_HERE), "tree"))
"""What decides how bytes become packages: a change here makes cached results stale."""


@dataclass(frozen=True)
class Declared:
    """A format as its module declares it. `format` imports that module."""

    module: str
    name: str
    ecosystem: str
    title: str
    patterns: tuple[str, ...]
    executables: bool
    limit_bytes: int

    @cached_property
    def format(self) -> Format:
        form: Format = importlib.import_module(self.module).FORMAT
        return form


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All declarations by name, and the version of the code that reads: equal versions find equal packages."""

    version: str
    formats: tuple[Declared, ...]


@cache
def catalogue() -> Catalogue:
    """What is declared in this folder."""
    files = list(_files())
    signature = "\n".join(f"{path} {size} {at}" for path, size, at in files)
    kept = os.path.join(_HERE, "__pycache__", "declared.json")
    with suppress(OSError, ValueError, KeyError, TypeError):
        with open(kept, "rb") as file:
            content = json.loads(file.read())
        if content["signature"] == signature:
            formats = [Declared(**{**form, "patterns": tuple(form["patterns"])}) for form in content["formats"]]
            return Catalogue(content["version"], tuple(formats))
    found = Catalogue(_version(path for path, _, _ in files), tuple(sorted(_declared(), key=lambda form: form.name)))
    _keep(kept, signature, found)
    return found


def _files() -> Iterator[tuple[str, int, int]]:
    stack = list(_VERSIONED)
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        stack.append(entry.path)
                elif not entry.name.endswith((".pyc", "~")):
                    stat = entry.stat()
                    yield entry.path, stat.st_size, stat.st_mtime_ns


def _version(files: Iterator[str] | Sequence[str]) -> str:
    import hashlib

    content = hashlib.sha256()
    for path in sorted(files):
        with open(path, "rb") as file:
            content.update(os.path.relpath(path, _HERE).encode() + b"\0" + file.read() + b"\0")
    return content.hexdigest()[:16]


def _declared() -> Iterator[Declared]:
    for module, form in parts.declared(_PACKAGE, "FORMAT", Format):
        yield Declared(module, form.name, form.ecosystem, form.title, form.patterns, form.executables, form.limit_bytes)


def _keep(file: str, signature: str, found: Catalogue) -> None:
    import tempfile

    formats = [vars(form) for form in found.formats]
    content = json.dumps({"signature": signature, "version": found.version, "formats": formats})
    with suppress(OSError):
        os.makedirs(os.path.dirname(file), exist_ok=True)
        fd, temporary = tempfile.mkstemp(dir=os.path.dirname(file))
        try:
            with os.fdopen(fd, "w") as out:
                out.write(content)
            os.chmod(temporary, 0o644)
            os.replace(temporary, file)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(temporary)

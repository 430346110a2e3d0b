"""What the stores of all runtimes share: opening one, telling what an id is, layers as unpacked directories."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Layer
from rightshift.source import below, manifest
from rightshift.source.manifest import Config
from rightshift.source.reference import ImageName
from rightshift.tree.material import Blob, DiffDirectory

DATABASE_BYTES = 64 << 20
_ID = re.compile(r"[0-9a-f]{4,64}")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


class Opened:
    """Descriptors below one store, all closed together; the store itself is the first."""

    def __init__(self, root: int) -> None:
        self.root = root
        self._open = [root]

    def folder(self, path: str) -> int:
        """As `below.open_folder`, kept open."""
        fd = below.open_folder(self.root, path)
        self._open.append(fd)
        return fd

    def file(self, path: str) -> int:
        """As `below.open_file`, kept open."""
        fd = below.open_file(self.root, path)
        self._open.append(fd)
        return fd

    def text(self, path: str, limit_bytes: int = 4096) -> str:
        """A short file as text; empty when it is missing. Raises SourceError."""
        try:
            return below.read(self.root, path, limit_bytes).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return ""

    def json(self, path: str, limit_bytes: int = DATABASE_BYTES) -> object:
        """A JSON document; None when the file is missing. Raises SourceError."""
        try:
            return json.loads(below.read(self.root, path, limit_bytes))
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{path} in the store is no JSON") from error

    def names(self, path: str) -> list[str]:
        """What lies in a folder; nothing when it is missing. Raises SourceError."""
        try:
            return below.names(self.root, path)
        except FileNotFoundError:
            return []

    def close(self) -> None:
        """Closes all; calling it again does nothing."""
        while self._open:
            os.close(self._open.pop())


@contextmanager
def opened(path: Path) -> Iterator[Opened | None]:
    """
    The store at a path, or None when there is none; closed only when the body raises.

    Raises:
        SourceError: it is there and may not be read.
    """
    try:
        missing = not path.is_dir()
    except OSError as error:
        raise SourceError(f"The store {path} can't be read: {below.reason(error)}", do="Run it as root") from error
    if missing:
        yield None
        return
    if not os.access(path, os.R_OK | os.X_OK):
        raise SourceError(f"The store {path} can't be read: permission denied", do="Run it as root")
    store = Opened(below.open_root(path))
    try:
        yield store
    except BaseException:
        store.close()
        raise


def is_id(text: str) -> bool:
    """Whether a text may be the beginning of an image's or a container's id."""
    return bool(_ID.fullmatch(text.removeprefix("sha256:")))


def begins(ids: Iterator[str] | list[str], text: str) -> str:
    """
    The one id that begins so; empty when none does.

    Raises:
        SourceError: several do.
    """
    wanted = text.removeprefix("sha256:")
    found = [known for known in ids if known.startswith(wanted)]
    if len(found) > 1:
        raise SourceError(f"The id {text} begins the names of {len(found)} things", do="Write more of it")
    return found[0] if found else ""


def safe(name: str, what: str) -> str:
    """A name from a store that becomes part of a path. Raises SourceError."""
    if not _SAFE.fullmatch(name):
        raise SourceError(f"“{name[:80]}” in the store is no name of {what}")
    return name


def familiar(image: ImageName) -> str:
    """A name as Docker writes it: without its own host and folder."""
    name = f"{image.host}/{image.repository}"
    return name.removeprefix("docker.io/").removeprefix("library/") if image.host == "docker.io" else name


def chain_ids(diff_ids: tuple[str, ...]) -> Iterator[str]:
    """
    The name of each layer together with those below it.

    Source: OCI image specification, config.md, "Layer ChainID".
    """
    chain = ""
    for diff_id in diff_ids:
        chain = diff_id if not chain else "sha256:" + hashlib.sha256(f"{chain} {diff_id}".encode()).hexdigest()
        yield chain


def described(made: Config) -> tuple[Layer, ...]:
    """The layers that a config names: no blob proves an unpacked directory, so they have no digest."""
    rows, _ = manifest.layers((("", 0),) * len(made.diff_ids), made)
    return rows


def changes(fd: int) -> DiffDirectory:
    """What a container changed, on top of its image."""
    return DiffDirectory(layer=Layer("", created_by="changes made in the container"), fd=fd)


Parts = tuple[tuple[Blob | DiffDirectory, ...], tuple[Gap, ...]]
"""Layers from the base up, and those that could not be had."""

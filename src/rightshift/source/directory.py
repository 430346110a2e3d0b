"""A folder on disk or the root of a host. Walking it: `tree/root`; what of a host is left out: `tree/host`."""

import os
from collections.abc import Iterable, Iterator

from rightshift.errors import UsageError
from rightshift.model.inventory import Subject
from rightshift.source import below
from rightshift.tree import host
from rightshift.tree.material import TreeMaterial


def open_directory(path: str, name: str, skip: Iterable[str] = ()) -> TreeMaterial:
    """
    A folder without those in it that `skip` names.

    Raises:
        SourceError: it is no folder or can't be read.
        UsageError: `skip` names something outside it.
    """
    asked = tuple(_asked(skip))
    fd = below.open_root(path)
    return TreeMaterial(subject=Subject(kind="directory", name=name), fd=fd, skip=asked, close=lambda: os.close(fd))


def open_host(path: str, name: str, skip: Iterable[str] = ()) -> TreeMaterial:
    """
    The root of a host: of this one, or mounted somewhere. Left out with reasons: what is no local disk, the stores of
    container runtimes, since their images are scanned by themselves, and what `skip` names.

    Raises:
        SourceError, UsageError: as `open_directory`.
    """
    asked = dict(_asked(skip))
    fd = below.open_root(path)
    left_out = tuple((asked | host.skips(path)).items())
    return TreeMaterial(subject=Subject(kind="host", name=name), fd=fd, skip=left_out, close=lambda: os.close(fd))


def _asked(folders: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Folders as a walk writes them, below the root whether or not a slash stands in front."""
    for folder in folders:
        path = os.path.normpath(folder.lstrip("/") or ".")
        if path == "." or path.split("/")[0] == "..":
            raise UsageError(f"{folder!a} is no folder inside what is scanned", do="Name one as seen from its root")
        yield path, "left out as asked"

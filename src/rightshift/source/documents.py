"""A single file by itself: an archive of a tree, a jar, a lock file, a binary, an SBOM."""

import os
from pathlib import Path
from typing import Literal

from rightshift.errors import SourceError
from rightshift.model.inventory import Subject
from rightshift.source import below
from rightshift.tree.material import FileMaterial


def open_document(path: str, name: str, kind: Literal["file", "sbom"]) -> FileMaterial:
    """
    A regular file; a link that the person named is followed.

    Raises:
        SourceError: it is no regular file or can't be read.
    """
    place = Path(path)
    fd = open_regular(path)
    return FileMaterial(
        subject=Subject(kind=kind, name=name),
        fd=fd,
        name=place.name,
        size_bytes=os.fstat(fd).st_size,
        close=lambda: os.close(fd),
    )


def open_regular(path: str | Path) -> int:
    """
    A descriptor of the regular file at a path that a person named.

    Raises:
        SourceError: it is something else or can't be read.
    """
    try:
        place = Path(os.path.realpath(path, strict=True))
        root = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} can't be read: {below.reason(error)}") from error
    try:
        return below.open_file(root, place.name)
    except FileNotFoundError as error:
        raise SourceError(f"{path} vanished while it was opened") from error
    finally:
        os.close(root)

"""A folder on disk or the root of a host. Walking it: `tree/root`; what of a host is left out: `tree/host`."""

import os

from rightshift.model.inventory import Subject
from rightshift.source import below
from rightshift.tree import host
from rightshift.tree.material import TreeMaterial


def open_directory(path: str, name: str) -> TreeMaterial:
    """
    A folder; nothing in it is left out.

    Raises:
        SourceError: it is no folder or can't be read.
    """
    fd = below.open_root(path)
    return TreeMaterial(subject=Subject(kind="directory", name=name), fd=fd, close=lambda: os.close(fd))


def open_host(path: str, name: str) -> TreeMaterial:
    """
    The root of a host: of this one, or mounted somewhere. Left out with reasons: what is no local disk, and the
    stores of container runtimes, since their images are scanned by themselves.

    Raises:
        SourceError: it is no folder or can't be read.
    """
    fd = below.open_root(path)
    skip = tuple(host.skips(path).items())
    return TreeMaterial(subject=Subject(kind="host", name=name), fd=fd, skip=skip, close=lambda: os.close(fd))

"""The files of a directory on disk. (First shape: reads names and wanted bodies; links are not followed.)"""

import os
from collections.abc import Iterator

from rightshift.model.inventory import Gap
from rightshift.tree.entry import Body, Wants
from rightshift.tree.file import DescriptorFile


def walk(root: str, wants: Wants) -> Iterator[Body | Gap]:
    """Wanted files below a folder, in alphabetical order."""
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root)
            limit = wants(path)
            if os.path.islink(full) or not (limit or wants.executables):
                continue
            fd = os.open(full, os.O_RDONLY)
            try:
                size = os.fstat(fd).st_size
                yield Body(path, os.fstat(fd).st_mode, DescriptorFile(path, fd, size))
            finally:
                os.close(fd)

"""Where the data of a file with holes ends. Only asked for files that are larger than what is wanted of them."""

import errno
import os

EXTENTS = 10_000
TAIL_BYTES = 4096


def end(fd: int, size: int) -> int:
    """
    The size without a hole at the end, zero bytes in front of it left out; `size` where there is none.

    Raises: OSError.
    """
    at = 0
    for _ in range(EXTENTS):
        try:
            data = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return _trimmed(fd, at)
        at = os.lseek(fd, data, os.SEEK_HOLE)
        if at >= size:
            break
    return size


def _trimmed(fd: int, at: int) -> int:
    start = max(0, at - TAIL_BYTES)
    return start + len(os.pread(fd, at - start, start).rstrip(b"\0"))

"""A layer as an unpacked directory of a local store, with overlayfs' marks. Layers as archives: `layers.py`."""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rightshift.model.inventory import Gap
from rightshift.tree import bodies, executable
from rightshift.tree.changes import Recorder
from rightshift.tree.entry import Body, Limits, Skipped, Wants, wants_no_other
from rightshift.tree.gaps import at_most
from rightshift.tree.layers import LIMITS, Outcome
from rightshift.tree.names import shown
from rightshift.tree.root import Listing, Walk, is_executable

OPAQUE = frozenset(("trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"))
REDIRECT = frozenset(("trusted.overlay.redirect", "user.overlay.redirect"))
METACOPY = frozenset(("trusted.overlay.metacopy", "user.overlay.metacopy"))


class DiffReader:
    """
    Iterate once, then ask for the `outcome`: as a `LayerReader`, without digests, since a directory proves none.

    `fd` is open on the directory and stays its owner's. A folder that was only renamed, and a file whose content lies
    in a lower layer, are gaps: what they hold can't be told from this directory.

    Source: Linux, Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories", "Redirecting
    directories", "Metadata only copy up"; fuse-overlayfs marks what it removes by name where it may make no devices.
    """

    def __init__(
        self, fd: int, wants: Wants, *, limits: Limits = LIMITS, also: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._fd = fd
        self._wants = _Also(wants, also) if also else wants
        self._limits = limits
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """Raises ValueError before the iteration has ended."""
        if self._outcome is None:
            raise ValueError("the layer was not read to its end")
        return self._outcome

    def __iter__(self) -> Iterator[Body | Gap]:
        return at_most(self._items())

    def _items(self) -> Iterator[Body | Gap]:
        walk = _DiffWalk(self._fd, self._wants, self._limits, {}, None)
        for item in walk.items():
            assert not isinstance(item, Skipped)
            yield item
        self._outcome = Outcome(
            digest="",
            size_bytes=0,
            diff_id="",
            unpacked_bytes=0,
            compression="none",
            as_declared=True,
            changes=walk.recorder.changes(),
        )


class _Also:
    """Wants what another wants, and some paths by name."""

    def __init__(self, wants: Wants, also: Mapping[str, int]) -> None:
        self.executables = wants.executables
        self._wants = wants
        self._also = also

    def __call__(self, path: str) -> int:
        return max(self._wants(path), self._also.get(path, 0))

    def sieve(self, folder: str) -> Callable[[str], bool]:
        may = self._wants.sieve(folder)
        return lambda name: may(name) or folder + name in self._also


@dataclass(slots=True)
class _DiffWalk(Walk):
    recorder: Recorder = field(default_factory=Recorder)

    def list_folder(self, fd: int, prefix: str, listing: Listing) -> None:
        marks = _marks(fd)
        if marks & OPAQUE:
            self.recorder.opaque(shown(prefix[:-1]))
        if marks & REDIRECT:
            listing.gaps.append(
                Gap(shown(prefix[:-1]), "a folder that was renamed from a lower layer: only its changes")
            )
        allowed, count = self.limits.entries - self.entries, 0
        with os.scandir(fd) as entries:
            for entry in entries:
                if (count := count + 1) > allowed:
                    break
                if entry.name.startswith(bodies.WHITEOUT):
                    listing.gaps += bodies.whiteout(self.recorder, shown(prefix + entry.name), shown(entry.name))
                else:
                    self._entry(fd, entry, prefix + entry.name, listing)
        listing.gaps.sort(key=lambda gap: gap.path)
        self.entries += count

    def _entry(self, fd: int, entry: os.DirEntry[str], path: str, listing: Listing) -> None:
        name, limit = entry.name, self.wants(path)
        if entry.is_dir(follow_symlinks=False):
            self.recorder.folder(shown(path))
            listing.folders.append(name)
            if limit and wants_no_other(self.wants, path):
                listing.others.append(name)
        elif entry.is_file(follow_symlinks=False):
            self.recorder.file(shown(path))
            if limit or (self.wants.executables and executable.may_be_named(name) and is_executable(entry)):
                listing.files.append((name, limit))
        elif entry.is_symlink():
            self._symlink(fd, name, path, listing, wanted=limit > 0)
        elif _is_whiteout(entry):
            self.recorder.remove(shown(path))
        else:
            self.recorder.file(shown(path))
            if limit:
                listing.others.append(name)

    def _symlink(self, fd: int, name: str, path: str, listing: Listing, *, wanted: bool) -> None:
        try:
            target = os.readlink(name, dir_fd=fd)
        except OSError as error:
            listing.gaps.append(Gap(shown(path), f"not readable: {error.strerror or error}"))
            return
        if not self.recorder.symlink(shown(path), shown(target)):
            listing.gaps.append(Gap(shown(path), "more links than are kept: not followed"))
        elif wanted:
            self.recorder.want(shown(path))

    def body(self, fd: int, path: str, limit: int) -> Iterator[Body | Gap]:
        if _marks(fd) & METACOPY:
            yield Gap(shown(path), "its content lies in a lower layer: not read")
        else:
            yield from Walk.body(self, fd, path, limit)


def _marks(fd: int) -> frozenset[str]:
    """The names of extended attributes that this process may see; `trusted` ones only with CAP_SYS_ADMIN."""
    try:
        return frozenset(os.listxattr(fd))
    except OSError as error:
        if error.errno in (errno.ENOTSUP, errno.EPERM, errno.EACCES):
            return frozenset()
        raise


def _is_whiteout(entry: os.DirEntry[str]) -> bool:
    about = entry.stat(follow_symlinks=False)
    return stat.S_ISCHR(about.st_mode) and about.st_rdev == 0

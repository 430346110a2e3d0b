"""The files of a directory on disk. What a link in it leads to: `links.py`. What of a host is left out: `host.py`."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import overload

from rightshift.model.inventory import Gap
from rightshift.tree import executable, links, sparse
from rightshift.tree.entry import Body, Limits, Skipped, Wants, wants_no_other
from rightshift.tree.file import DescriptorFile
from rightshift.tree.gaps import at_most
from rightshift.tree.names import shown
from rightshift.tree.shares import Share

FOLDERS_OPEN = 128
"""Folders on the way down that stay open; deeper trees open those above again on the way back."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

LIMITS = Limits()
Item = Body | Gap | Skipped


@overload
def walk(directory: str | int, wants: Wants, *, limits: Limits = ...) -> Iterator[Body | Gap]: ...
@overload
def walk(
    directory: str | int,
    wants: Wants,
    *,
    limits: Limits = ...,
    skip: Mapping[str, str],
    one_file_system: bool = ...,
    share: Share | None = ...,
) -> Iterator[Item]: ...
def walk(
    directory: str | int,
    wants: Wants,
    *,
    limits: Limits = LIMITS,
    skip: Mapping[str, str] | None = None,
    one_file_system: bool = False,
    share: Share | None = None,
) -> Iterator[Item]:
    """
    Wanted files below a folder: those of a folder by name, then its folders by name.

    `directory` is a path, or a descriptor that stays the caller's. `skip` has folders below it, parts joined by "/",
    and why each is left out. With `one_file_system` other file systems are left out too. Both are told as `Skipped`.
    With a `share` only what is in it is given: all shares together give what the walk without one gives.

    Nothing outside the folder is opened, also when links and folders change places meanwhile, and nothing but regular
    files is read. A wanted link to a file inside is given when the walk would not give that file anyhow.

    Raises: OSError when the folder itself can't be opened.
    """
    root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if isinstance(directory, str) else directory
    opened = root if isinstance(directory, str) else -1
    try:
        device = os.fstat(root).st_dev if one_file_system else None
        yield from at_most(Walk(root, wants, limits, skip or {}, device, share).items())
    finally:
        if opened >= 0:
            os.close(opened)


def files(directory: int, paths: Iterable[str], wants: Wants) -> Iterator[Body | Gap]:
    """These files of a folder, by paths that a walk gave; whatever became of them meanwhile."""
    walk = Walk(directory, wants, LIMITS, {}, None)
    for path in paths:
        try:
            found = links.open_file(directory, path)
        except OSError as error:
            yield Gap(path, _because(error))
            continue
        if found is None:
            yield Gap(path, "became something else than a regular file while it was read")
            continue
        try:
            yield from walk.body(found.fd, path, wants(path))
        finally:
            os.close(found.fd)


@dataclass(slots=True)
class _Folder:
    """A folder on the way down. `fd` is None while it is closed; `pending` are folders in it, the next one last."""

    name: str
    fd: int | None
    pending: list[str]


@dataclass(slots=True)
class Listing:
    """What is asked for in one folder."""

    files: list[tuple[str, int]] = field(default_factory=list)
    """Names, with the size that is wanted whole."""
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Wanted by name, and no regular file."""
    gaps: list[Gap] = field(default_factory=list)


@dataclass(slots=True)
class Walk:
    """One walk. `overlay.py` lists folders in its own way, and looks at files once more."""

    root: int
    wants: Wants
    limits: Limits
    skip: Mapping[str, str]
    device: int | None
    share: Share | None = None
    way: list[_Folder] = field(default_factory=list)
    entries: int = 0
    no_atime: int = os.O_NOATIME

    def items(self) -> Iterator[Item]:
        try:
            top = self._open(".", self.root, _FOLDER)
            yield from self._enter("", top, ours=self._is_ours(""))
            while self.way and self.entries <= self.limits.entries:
                here = self.way[-1]
                if not here.pending:
                    self._leave()
                    continue
                yield from self._next(here)
            if self.entries > self.limits.entries:
                yield Gap("", f"more than {self.limits.entries} files and folders: the rest was not read")
        finally:
            for folder in self.way:
                if folder.fd is not None:
                    os.close(folder.fd)

    def _next(self, here: _Folder) -> Iterator[Item]:
        """Goes into the next folder of `here`, or says why not."""
        name = here.pending.pop()
        path = self._path(name)
        ours = self._is_ours(path)
        if not ours and self.share and len(self.way) == self.share.depth:
            return
        into = self._into(here, name, path)
        if isinstance(into, int):
            yield from self._enter(name, into, ours=ours)
        elif ours:
            yield into

    def _is_ours(self, path: str) -> bool:
        """Whether a folder in the one where the walk is belongs to this walk's share."""
        return self.share is None or len(self.way) > self.share.depth or self.share.has(path)

    def _into(self, here: _Folder, name: str, path: str) -> int | Gap | Skipped:
        """The next folder, open, or why it isn't."""
        if reason := self.skip.get(path):
            return Skipped(shown(path), reason)
        if len(self.way) > self.limits.depth or len(path) > self.limits.path_bytes:
            return Gap(shown(path[:1024]), f"deeper than {self.limits.depth} folders, or too long a path: not read")
        try:
            above = here.fd if here.fd is not None else self._reopen()
            fd = self._open(name, above, _FOLDER)
        except OSError as error:
            return Gap(shown(path), _because(error))
        if self.device is not None and os.fstat(fd).st_dev != self.device:
            os.close(fd)
            return Skipped(shown(path), "another file system")
        if not here.pending:
            self._close(here)
        return fd

    def _enter(self, name: str, fd: int, *, ours: bool) -> Iterator[Item]:
        """Lists a folder. Of one that isn't ours only the folders in it count."""
        self.way.append(_Folder(name, fd, []))
        if len(self.way) > FOLDERS_OPEN:
            self._close(self.way[-1 - FOLDERS_OPEN])
        prefix = self._path("")
        listing = Listing()
        try:
            self.list_folder(fd, prefix, listing)
        except OSError as error:
            listing.gaps.insert(0, Gap(shown(prefix[:-1]), _because(error)))
        listing.folders.sort(reverse=True)
        self.way[-1].pending = listing.folders
        if not ours:
            return
        yield from listing.gaps
        for file, limit in sorted(listing.files):
            yield from self._file(fd, file, prefix + file, limit)
        for link in sorted(listing.links):
            yield from self._link(prefix + link)
        for other in sorted(listing.others):
            yield Gap(shown(prefix + other), "wanted, and neither a regular file nor a link to one")

    def list_folder(self, fd: int, prefix: str, listing: Listing) -> None:
        """One folder's entries without those that nobody wants. Kinds come from the listing; few are asked for more."""
        wants, executables, named = self.wants, self.wants.executables, executable.may_be_named
        allowed, count = self.limits.entries - self.entries, 0
        files, folders = listing.files, listing.folders
        may = wants.sieve(prefix)
        with os.scandir(fd) as entries:
            for entry in entries:
                if (count := count + 1) > allowed:
                    break
                name = entry.name
                if entry.is_file(follow_symlinks=False):
                    if may(name) and (limit := wants(prefix + name)):
                        files.append((name, limit))
                    elif executables and named(name) and is_executable(entry):
                        files.append((name, 0))
                elif entry.is_dir(follow_symlinks=False):
                    folders.append(name)
                    if may(name) and wants(prefix + name) and wants_no_other(wants, prefix + name):
                        listing.others.append(name)
                elif may(name) and wants(prefix + name):
                    (listing.links if entry.is_symlink() else listing.others).append(name)
        self.entries += count

    def _file(self, folder: int, name: str, path: str, limit: int) -> Iterator[Item]:
        try:
            fd = self._open(name, folder, _FILE)
        except OSError as error:
            yield Gap(shown(path), _because(error))
            return
        try:
            yield from self.body(fd, path, limit)
        finally:
            os.close(fd)

    def body(self, fd: int, path: str, limit: int) -> Iterator[Body | Gap]:
        """What an open file gives: its body, when it is what its name promised."""
        about = os.fstat(fd)
        size = about.st_size
        if not stat.S_ISREG(about.st_mode):
            yield Gap(shown(path), "became something else than a regular file while it was read")
            return
        try:
            if not limit and not executable.begins_like_one(os.pread(fd, executable.HEAD_BYTES, 0)):
                return
            if size > limit > 0 and about.st_blocks * 512 < size and (end := sparse.end(fd, size)) <= limit:
                yield Gap(shown(path), f"ends in a hole of {size - end} bytes, which was left out")
                size = end
        except OSError as error:
            yield Gap(shown(path), _because(error))
            return
        yield Body(shown(path), stat.S_IMODE(about.st_mode), DescriptorFile(shown(path), fd, size))

    def _link(self, path: str) -> Iterator[Item]:
        try:
            found = links.open_file(self.root, path)
        except OSError as error:
            yield Gap(shown(path), f"a link that leads to nothing inside: {error.strerror or error}")
            return
        if found is None:
            if wants_no_other(self.wants, path):
                yield Gap(shown(path), "wanted, and a link to something else than a regular file")
            return
        try:
            if not self._gives(found):
                yield from self.body(found.fd, path, self.wants(path))
        finally:
            os.close(found.fd)

    def _gives(self, found: links.Found) -> bool:
        """Whether the walk gives that file by its own path, or leaves it out by rule."""
        parts = found.path.split("/")
        skipped = self.skip and any("/".join(parts[:n]) in self.skip for n in range(1, len(parts)))
        elsewhere = self.device is not None and os.fstat(found.fd).st_dev != self.device
        return bool(skipped or elsewhere or self.wants(found.path))

    def _path(self, name: str) -> str:
        """A name in the folder that the walk is in, as a path below the root; with "" the folder and a slash."""
        return "/".join([*(folder.name for folder in self.way[1:]), name]) if len(self.way) > 1 else name

    def _open(self, name: str, folder: int, flags: int) -> int:
        """Without touching the file's access time where that is allowed: only its owner may ask for it."""
        try:
            return os.open(name, flags | self.no_atime, dir_fd=folder)
        except PermissionError:
            if not self.no_atime:
                raise
            return os.open(name, flags, dir_fd=folder)

    def _close(self, folder: _Folder) -> None:
        if folder.fd is not None:
            os.close(folder.fd)
            folder.fd = None

    def _leave(self) -> None:
        self._close(self.way.pop())

    def _reopen(self) -> int:
        """
        Opens the folder that the walk is in again, name by name from the last open one above it.

        The folders just above, to which the walk comes back next, stay open too.
        """
        last = max((i for i, folder in enumerate(self.way) if folder.fd is not None), default=-1)
        above = self.way[last].fd if last >= 0 else self.root
        assert above is not None
        keep_from = len(self.way) - FOLDERS_OPEN // 2
        passing = -1
        try:
            for i in range(last + 1, len(self.way)):
                folder = self.way[i]
                fd = self._open(folder.name or ".", above, _FOLDER)
                if passing >= 0:
                    os.close(passing)
                    passing = -1
                if i >= keep_from and (folder.pending or i == len(self.way) - 1):
                    folder.fd = fd
                else:
                    passing = fd
                above = fd
        finally:
            if passing >= 0:
                os.close(passing)
        return above


def is_executable(entry: os.DirEntry[str]) -> bool:
    """Whether a listed file is worth a look at its first bytes."""
    try:
        about = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return executable.may_be(entry.name, about.st_mode, about.st_size)


def _because(error: OSError) -> str:
    return f"not readable: {error.strerror or error}"

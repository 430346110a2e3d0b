"""Members of a layer's archive: which bodies are given, and what is noted of the rest. The pass itself: `layers.py`."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.tree import executable, tar
from rightshift.tree.changes import Recorder
from rightshift.tree.entry import Body, Limits, Wants, wants_no_other
from rightshift.tree.file import DescriptorFile, File, MemoryFile, Within, write_all
from rightshift.tree.paths import below_root

MEMORY_BYTES = 4 << 20
"""A body up to here is kept as bytes; a larger one, up to what is wanted, goes to a file in memory."""
EXECUTABLE_BYTES = 1 << 30
"""The largest executable that is taken out of a stream. In a local archive it is looked into where it lies."""
HUGE = 1 << 62

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
_META = ".wh..wh."
"""Other names of this kind are bookkeeping of an old file system, and no file of the image."""

_Opened = AbstractContextManager[File | None]
_Open = Callable[[tar.Member], _Opened]


def in_place(
    archive: tar.Seekable, file: File, wants: Wants, also: Mapping[str, int], limits: Limits, recorder: Recorder
) -> Iterator[Body | Gap]:
    """Bodies of an archive that lies in a file: windows on it, whatever their size. Never raises Malformed."""

    def opened(member: tar.Member) -> _Opened:
        whole = member.at + member.size <= file.size
        return nullcontext(Within(member.path, file, member.at, member.size) if whole else None)

    yield from _given(archive, opened, HUGE, wants, also, limits, recorder)


def from_stream(
    stream: tar.Stream, wants: Wants, also: Mapping[str, int], limits: Limits, recorder: Recorder
) -> Iterator[Body | Gap]:
    """Bodies of an archive that comes once, kept until the next is asked for. Never raises Malformed."""

    def opened(member: tar.Member) -> _Opened:
        if member.size > MEMORY_BYTES:
            return _spooled(stream, member)
        content = stream.take(member.size)
        return nullcontext(MemoryFile(member.path, content) if len(content) == member.size else None)

    yield from _given(stream, opened, 0, wants, also, limits, recorder)


@contextmanager
def _spooled(stream: tar.Stream, member: tar.Member) -> Iterator[File | None]:
    fd = os.memfd_create("body", os.MFD_CLOEXEC)
    try:
        size = sum(write_all(fd, piece) for piece in stream.pieces(member.size))
        yield DescriptorFile(member.path, fd, size) if size == member.size else None
    finally:
        os.close(fd)


def _given(
    archive: tar.Source,
    opened: _Open,
    free_bytes: int,
    wants: Wants,
    also: Mapping[str, int],
    limits: Limits,
    recorder: Recorder,
) -> Iterator[Body | Gap]:
    """`free_bytes`: bodies up to here cost nothing and are given even when they are larger than what is wanted."""
    count = 0
    executables = wants.executables
    folder, may = "", wants.sieve("")
    try:
        for member in tar.members(archive, limits):
            if isinstance(member, Gap):
                yield member
                continue
            if (count := count + 1) > limits.entries:
                yield Gap("", f"more than {limits.entries} members: the rest was not read")
                return
            path, kind = member.path, member.kind
            at = path.rfind("/") + 1
            name = path[at:]
            if name.startswith(WHITEOUT):
                yield from whiteout(recorder, path, name)
                continue
            if kind != tar.FILE:
                yield from _other(recorder, wants, member)
                continue
            recorder.file(path)
            if path[:at] != folder:  # members of a folder mostly follow each other
                folder = path[:at]
                may = wants.sieve(folder)
            limit = wants(path) if may(name) else 0
            if also:
                limit = max(limit, also.get(path, 0))
            if not limit and executables and member.size >= executable.LEAST_BYTES and executable.may_be_named(name):
                limit = _as_executable(archive, member, name)
            if limit:
                yield from _body(member, max(limit, free_bytes), opened)
    except Malformed as error:
        yield Gap("", str(error))


def _as_executable(archive: tar.Source, member: tar.Member, name: str) -> int:
    """How large an executable may be; 0 when it is none."""
    if member.sparse or not executable.may_be(name, member.mode, member.size):
        return 0
    return EXECUTABLE_BYTES if executable.begins_like_one(archive.peek(executable.HEAD_BYTES)) else 0


def _body(member: tar.Member, limit: int, opened: _Open) -> Iterator[Body | Gap]:
    if member.sparse:
        yield Gap(member.path, "stored with holes: not read")
    elif member.size > limit:
        yield Gap(member.path, f"larger than {limit} bytes: not read")
    else:
        with opened(member) as file:
            if file is not None:
                yield Body(member.path, member.mode, file)


def _other(recorder: Recorder, wants: Wants, member: tar.Member) -> Iterator[Gap]:
    """Folders, links and devices: what they do to the layers below is noted."""
    path, room = member.path, True
    wanted = wants(path) > 0
    if member.kind == tar.FOLDER:
        recorder.folder(path)
        if wanted and wants_no_other(wants, path):
            yield Gap(path, "wanted, and a folder")
        return
    if member.kind == tar.SYMLINK:
        room = recorder.symlink(path, member.target)
    elif member.kind == tar.HARD_LINK:
        target = below_root(member.target)
        if target:
            room = recorder.hard_link(path, target)
        else:
            recorder.file(path)
            yield Gap(path, "a hard link that leads out of the root: left out")
            return
    else:
        recorder.file(path)
        if wanted:
            yield Gap(path, "wanted, and neither a regular file nor a link to one")
        return
    if not room:
        yield Gap(path, "more links than are kept: not followed")
    elif wanted:
        recorder.want(path)


def whiteout(recorder: Recorder, path: str, name: str) -> Iterator[Gap]:
    """
    What a marker takes away from the layers below: a name in its own folder, or all that the folder holds.

    Source: OCI image specification, "Image Layer Filesystem Changeset", "Whiteouts" and "Opaque Whiteout".
    """
    folder = path[: -len(name)]
    hidden = name.removeprefix(WHITEOUT)
    if name == OPAQUE:
        recorder.opaque(folder.rstrip("/"))
    elif hidden in ("", ".", ".."):
        yield Gap(path, "a whiteout without a name: ignored")
    elif not name.startswith(_META):
        recorder.remove(folder + hidden)

"""What runs inside a child: reads one part after another with the walls up. Starting it: `crew.py`."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from rightshift.catalog import walk
from rightshift.catalog.index import Index
from rightshift.catalog.walk import Grouped, Reading
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.scan import channel, sandbox
from rightshift.scan.budget import Budget
from rightshift.scan.page import Page
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import DescriptorFile, File, MemoryFile, read_whole

if TYPE_CHECKING:
    from rightshift.tree.layers import LayerReader
    from rightshift.tree.material import Readable
    from rightshift.tree.overlay import DiffReader

BATCH = 200


class TookTooLong(Malformed):
    """A reader was interrupted in the middle of one file."""


def serve(index: Index, parent: int, descriptors: Sequence[int]) -> None:
    """
    Reads the parts that are asked for until there are no more.

    The descriptors are where orders come from, where bytes come from, where results go and the page that both see; then
    those of the order, in its order.
    """
    sandbox.end_with_parent(parent)
    orders, stream, results, page, *material = descriptors
    ends = channel.Ends(Page(page), orders, stream, results)
    os.close(page)
    order = channel.next_order(orders)
    if order is None:
        return
    parts = [_held(part, material) for part in order.parts]
    confinement = sandbox.confine(order.budget, _folders(parts))
    channel.send(results, channel.Walls(list(confinement.walls), list(confinement.missing)))
    watch = _Watch(ends.page, order.budget, order.avoid)
    while job := channel.next_job(orders):
        number, watch.interrupted = job.number, False
        try:
            outcome = _read_part(parts[0 if job.share else number], job, index, watch, ends)
        except (Malformed, OSError, MemoryError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            channel.send(results, channel.Failed(number, reason or type(error).__name__))
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs this part and says so
            channel.send(results, channel.Failed(number, f"reading it failed: {type(error).__name__}: {error}"))
        else:
            channel.send(results, channel.Done(number, outcome))


def _held(part: channel.Part, descriptors: Sequence[int]) -> channel.Part:
    """The part with the descriptor that this process has of it."""
    return part if part.fd < 0 else replace(part, fd=descriptors[part.fd])


def _folders(parts: Iterable[channel.Part]) -> list[int]:
    return [part.fd for part in parts if isinstance(part, channel.DiffPart | channel.TreePart)]


class _Watch:
    """Names each file before it is read, and interrupts a reader that takes too long."""

    def __init__(self, page: Page, budget: Budget, avoid: Mapping[str, str]) -> None:
        self.page = page
        self.interrupted = False
        self._seconds = budget.file_s
        self._avoid = avoid
        signal.signal(signal.SIGALRM, self._ring)

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        self.interrupted = True
        raise TookTooLong(f"took longer than {self._seconds:.0f} s")

    @contextmanager
    def __call__(self, path: str) -> Iterator[None]:
        if reason := self._avoid.get(path):
            self.interrupted = True
            raise TookTooLong(reason)
        self.page.reading(path)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.page.reading("")


def _read_part(
    part: channel.Part, job: channel.Job, index: Index, watch: _Watch, ends: channel.Ends
) -> channel.Outcome:
    match part:
        case channel.TreePart():
            kept: walk.Groups = "only" if job.together else "elsewhere" if job.share else "here"
            _pass_on(walk.read(_tree(part, job, index), index, watch, kept), ends)
            return channel.Outcome()
        case channel.FilePart():
            _pass_on(walk.read(_file(part, index, ends.page), index, watch), ends)
            return channel.Outcome()
        case channel.BlobPart() | channel.DiffPart():
            reader = _layer(part, job, index, ends)
            bodies = _through_links(reader, job.links) if job.links else reader
            _pass_on(walk.read(bodies, index, watch), ends)
            outcome = reader.outcome
            return channel.Outcome(
                outcome.digest, outcome.size_bytes, outcome.diff_id, outcome.changes.pack(), watch.interrupted
            )


def _pass_on(found: Iterable[Reading | Grouped | Gap | Skipped], ends: channel.Ends) -> None:
    batch = channel.Batch([], [], [], [])
    for number, item in enumerate(found, 1):
        match item:
            case Reading():
                batch.readings.append(item)
            case Gap():
                batch.gaps.append(item)
            case Skipped():
                batch.skipped.append(item)
            case Grouped():
                batch.grouped.append(item)
        if number % BATCH == 0:
            channel.send(ends.results, batch)
            batch = channel.Batch([], [], [], [])
    ends.page.beat()
    channel.send(ends.results, batch)


def _tree(part: channel.TreePart, job: channel.Job, index: Index) -> Iterator[Body | Gap | Skipped]:
    from rightshift.tree import root

    if job.together:
        return root.files(part.fd, job.together, index)
    skip = {os.fsdecode(folder): reason.decode() for folder, reason in part.skip.items()}
    return root.walk(part.fd, index, skip=skip, one_file_system=part.one_file_system, share=job.share)


def _file(part: channel.FilePart, index: Index, page: Page) -> Iterator[Body | Gap]:
    """A file by itself, under its own name: as if it lay in an empty tree, or as the tree that it packs."""
    name = os.fsdecode(part.name)
    file = DescriptorFile(name, part.fd, part.size_bytes)
    head = file.pread(0, 512)
    if part.is_sbom:
        return iter([_bill(part, file)])
    if index(name):
        return iter([Body(name, 0o644, file)])
    if head.startswith(b"PK\x03\x04"):
        return _zip(file, index)
    if head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) or head[257:262] == b"ustar":
        from rightshift.tree.layers import LayerReader

        return iter(LayerReader(BeatingFile(file, page), index))
    return iter([Body(name, 0o755, file)])


def _bill(part: channel.FilePart, file: File) -> Body | Gap:
    """A bill of materials is read as what it says that it is, whatever it is called."""
    from rightshift.catalog.sboms import bill
    from rightshift.catalog.sboms.claims import LIMIT_BYTES

    name = os.fsdecode(part.name)
    try:
        known = {"cyclonedx": "bom.json", "spdx": "bom.spdx.json"}[bill.kind(read_whole(file, LIMIT_BYTES))]
    except (Malformed, OSError) as error:
        return Gap(name, str(error))
    return Body(name, 0o644, DescriptorFile(known, part.fd, part.size_bytes))


def _zip(file: File, index: Index) -> Iterator[Body | Gap]:
    from rightshift.tree.zip import Zip

    archive = Zip(file)
    for entry in archive.entries(lambda name: bool(index(name.lstrip("/")))):
        path = entry.name.lstrip("/")
        try:
            content = archive.read(entry, index(path))
        except Malformed as error:
            yield Gap(path, str(error))
        else:
            yield Body(path, 0o644, MemoryFile(path, content))
    if archive.flaw:
        yield Gap("", archive.flaw)


def _layer(
    part: channel.BlobPart | channel.DiffPart, job: channel.Job, index: Index, ends: channel.Ends
) -> "LayerReader | DiffReader":
    only = {target: max(map(index, links)) for target, links in job.links.items()}
    wants = _Nothing() if only else index
    if isinstance(part, channel.DiffPart):
        from rightshift.tree.overlay import DiffReader

        return DiffReader(part.fd, wants, also=only)
    from rightshift.tree.layers import LayerReader

    source: BeatingStream | BeatingFile
    if part.fd < 0:
        source = BeatingStream(channel.FramedStream(ends.stream), ends.page)
    else:
        size = part.size_bytes or os.fstat(part.fd).st_size - part.offset
        source = BeatingFile(DescriptorFile("", part.fd, size, part.offset), ends.page)
    return LayerReader(
        source,
        wants,
        media_type=part.media_type,
        want_diff_id=bool(part.diff_id) and part.diff_id != part.digest,
        also=only,
        algorithm="sha512" if (part.digest or part.diff_id).startswith("sha512:") else "sha256",
    )


def _through_links(bodies: Iterable[Body | Gap], links: Mapping[str, list[str]]) -> Iterator[Body | Gap]:
    """What links lead to, under the links' own paths: formats go by the path that was wanted."""
    for body in bodies:
        if isinstance(body, Body):
            for link in links.get(body.path, ()):
                yield Body(link, body.mode, MemoryFile(link, read_whole(body.file, body.file.size)))


class _Nothing:
    """Wants no file by its path."""

    executables = False

    def __call__(self, path: str) -> int:
        del path
        return 0

    def sieve(self, folder: str) -> Callable[[str], bool]:
        del folder
        return lambda _name: False


class BeatingStream:
    """A stream that lets the parent know that bytes go through it."""

    def __init__(self, source: "Readable", page: Page) -> None:
        self._source = source
        self._page = page

    def read(self, size: int, /) -> bytes:
        self._page.beat()
        return self._source.read(size)

    def close(self) -> None:
        self._source.close()


class BeatingFile:
    """A file that lets the parent know that it is read."""

    def __init__(self, file: File, page: Page) -> None:
        self.path = file.path
        self.size = file.size
        self._file = file
        self._page = page

    def pread(self, offset: int, length: int) -> bytes:
        self._page.beat()
        return self._file.pread(offset, length)

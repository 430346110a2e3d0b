"""What runs inside a child: reads one part after another with the walls up. Starting and ending it: `child.py`."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from rightshift.catalog import walk
from rightshift.catalog.index import Index
from rightshift.catalog.walk import Reading
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.scan import channel, sandbox
from rightshift.scan.budget import Budget
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import DescriptorFile, File, MemoryFile, read_whole
from rightshift.tree.material import Blob, DiffDirectory, FileMaterial, ImageMaterial, Material, Readable, TreeMaterial

if TYPE_CHECKING:
    from rightshift.tree.layers import LayerReader
    from rightshift.tree.overlay import DiffReader

BATCH = 200


class TookTooLong(Malformed):
    """A reader was interrupted in the middle of one file."""


def serve(material: Material, index: Index, budget: Budget, avoid: Mapping[str, str], ends: channel.Ends) -> None:
    """Reads the parts that are asked for until there are no more. `avoid` holds paths with the reason."""
    sandbox.end_with_parent()
    confinement = sandbox.confine(budget, _folders(material))
    channel.send(ends.results, channel.Walls(list(confinement.walls), list(confinement.missing)))
    watch = _Watch(ends.page, budget, avoid)
    while job := channel.next_job(ends.jobs):
        number = job.number
        try:
            outcome = _read_part(material, job, index, watch, ends)
        except (Malformed, OSError, MemoryError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            channel.send(ends.results, channel.Failed(number, reason or type(error).__name__))
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs this part and says so
            channel.send(ends.results, channel.Failed(number, f"reading it failed: {type(error).__name__}: {error}"))
        else:
            channel.send(ends.results, channel.Done(number, outcome))


def _folders(material: Material) -> list[int]:
    match material:
        case ImageMaterial():
            return [layer.fd for layer in material.layers if isinstance(layer, DiffDirectory)]
        case TreeMaterial():
            return [material.fd]
        case FileMaterial():
            return []


class _Watch:
    """Names each file before it is read, and interrupts a reader that takes too long."""

    def __init__(self, page: channel.Page, budget: Budget, avoid: Mapping[str, str]) -> None:
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
    material: Material, job: channel.Job, index: Index, watch: _Watch, ends: channel.Ends
) -> channel.Outcome:
    match material:
        case TreeMaterial():
            _pass_on(walk.read(_tree(material, index), index, watch), ends)
            return channel.Outcome()
        case FileMaterial():
            _pass_on(walk.read(_file(material, index, ends.page), index, watch), ends)
            return channel.Outcome()
        case ImageMaterial():
            reader = _layer(material.layers[job.number], job, index, ends)
            bodies = _through_links(reader, job.links) if job.links else reader
            _pass_on(walk.read(bodies, index, watch), ends)
            outcome = reader.outcome
            return channel.Outcome(
                outcome.digest, outcome.size_bytes, outcome.diff_id, outcome.changes.pack(), watch.interrupted
            )


def _pass_on(found: Iterable[Reading | Gap | Skipped], ends: channel.Ends) -> None:
    readings: list[Reading] = []
    gaps: list[Gap] = []
    skipped: list[Skipped] = []
    for item in found:
        match item:
            case Reading():
                readings.append(item)
            case Gap():
                gaps.append(item)
            case Skipped():
                skipped.append(item)
        if len(readings) + len(gaps) + len(skipped) >= BATCH:
            channel.send(ends.results, channel.Batch(readings, gaps, skipped))
            readings, gaps, skipped = [], [], []
    ends.page.beat()
    channel.send(ends.results, channel.Batch(readings, gaps, skipped))


def _tree(material: TreeMaterial, index: Index) -> Iterator[Body | Gap | Skipped]:
    from rightshift.tree import root

    return root.walk(material.fd, index, skip=dict(material.skip), one_file_system=material.one_file_system)


def _file(material: FileMaterial, index: Index, page: channel.Page) -> Iterator[Body | Gap]:
    """A file by itself, under its own name: as if it lay in an empty tree, or as the tree that it packs."""
    file = DescriptorFile(material.name, material.fd, material.size_bytes)
    head = file.pread(0, 512)
    if material.subject.kind == "sbom" or index(material.name):
        return iter([Body(material.name, 0o644, file)])
    if head.startswith(b"PK\x03\x04"):
        return _zip(file, index)
    if head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd")) or head[257:262] == b"ustar":
        from rightshift.tree.layers import LayerReader

        return iter(LayerReader(BeatingFile(file, page), index))
    return iter([Body(material.name, 0o755, file)])


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
    layer: Blob | DiffDirectory, job: channel.Job, index: Index, ends: channel.Ends
) -> "LayerReader | DiffReader":
    only = {target: max(map(index, links)) for target, links in job.links.items()}
    wants = _Nothing() if only else index
    if isinstance(layer, DiffDirectory):
        from rightshift.tree.overlay import DiffReader

        return DiffReader(layer.fd, wants, also=only)
    from rightshift.tree.layers import LayerReader

    claimed = layer.layer
    source: BeatingStream | BeatingFile
    if layer.fd is None:
        source = BeatingStream(channel.FramedStream(ends.stream), ends.page)
    else:
        size = claimed.size_bytes or os.fstat(layer.fd).st_size - layer.offset
        source = BeatingFile(DescriptorFile("", layer.fd, size, layer.offset), ends.page)
    return LayerReader(
        source,
        wants,
        media_type=layer.media_type,
        want_diff_id=bool(claimed.diff_id) and claimed.diff_id != claimed.digest,
        also=only,
        algorithm="sha512" if (claimed.digest or claimed.diff_id).startswith("sha512:") else "sha256",
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

    def __init__(self, source: Readable, page: channel.Page) -> None:
        self._source = source
        self._page = page

    def read(self, size: int, /) -> bytes:
        self._page.beat()
        return self._source.read(size)

    def close(self) -> None:
        self._source.close()


class BeatingFile:
    """A file that lets the parent know that it is read."""

    def __init__(self, file: File, page: channel.Page) -> None:
        self.path = file.path
        self.size = file.size
        self._file = file
        self._page = page

    def pread(self, offset: int, length: int) -> bytes:
        self._page.beat()
        return self._file.pread(offset, length)

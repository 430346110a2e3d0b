"""What runs inside a child: reads one part after another with the walls up. Starting and ending it: `child.py`."""

import os
import signal
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from rightshift.catalog import walk
from rightshift.catalog.index import Index
from rightshift.catalog.walk import Reading
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.scan import channel, sandbox
from rightshift.scan.budget import Budget
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import DescriptorFile
from rightshift.tree.material import Blob, DiffDirectory, FileMaterial, ImageMaterial, Material, Readable, TreeMaterial

BATCH = 200


class TookTooLong(Malformed):
    """A reader was interrupted in the middle of one file."""


def serve(
    material: Material,
    index: Index,
    budget: Budget,
    avoid: Mapping[str, str],
    page: channel.Page,
    jobs: int,
    stream: int,
    results: int,
) -> None:
    """Reads the parts whose numbers come through `jobs` until there are none. `avoid` holds paths with the reason."""
    sandbox.end_with_parent()
    confinement = sandbox.confine(budget, _folders(material))
    channel.send(results, channel.Walls(list(confinement.walls), list(confinement.missing)))
    watch = _Watch(page, budget, avoid)
    while len(order := os.read(jobs, 4)) == 4:
        number = int.from_bytes(order, "little")
        try:
            outcome = _read_part(material, number, index, watch, stream, results)
        except (Malformed, OSError, MemoryError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            channel.send(results, channel.Failed(number, reason or type(error).__name__))
        else:
            channel.send(results, channel.Done(number, outcome))


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
    material: Material, number: int, index: Index, watch: _Watch, stream: int, results: int
) -> channel.Outcome:
    match material:
        case TreeMaterial():
            _pass_on(walk.read(_tree(material, index), index, watch), results, watch.page)
            return channel.Outcome()
        case FileMaterial():
            _pass_on(walk.read(_file(material, index), index, watch), results, watch.page)
            return channel.Outcome()
        case ImageMaterial():
            layer = material.layers[number]
            if isinstance(layer, DiffDirectory):
                return _directory_layer(layer, index, watch, results)
            return _blob_layer(layer, index, watch, stream, results)


def _pass_on(found: Iterable[Reading | Gap | Skipped], results: int, page: channel.Page) -> None:
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
            channel.send(results, channel.Batch(readings, gaps, skipped))
            readings, gaps, skipped = [], [], []
    page.beat()
    channel.send(results, channel.Batch(readings, gaps, skipped))


def _tree(material: TreeMaterial, index: Index) -> Iterator[Body | Gap | Skipped]:
    from rightshift.tree import root

    return root.walk(material.fd, index, skip=dict(material.skip), one_file_system=material.one_file_system)


def _file(material: FileMaterial, index: Index) -> Iterator[Body | Gap]:
    """A file by itself, under its own name: as if it lay in an empty tree, or as the tree that it packs."""
    file = DescriptorFile(material.name, material.fd, material.size_bytes)
    if material.subject.kind == "sbom" or index.of(material.name) or not file.pread(0, 4).startswith(b"PK\x03\x04"):
        yield Body(material.name, 0o755, file)
        return
    from rightshift.tree.zip import Zip

    archive = Zip(file)
    for entry in archive.entries(lambda name: bool(index(name.lstrip("/")))):
        try:
            yield Body(entry.name.lstrip("/"), 0o644, archive.open(entry, index(entry.name.lstrip("/"))))
        except Malformed as error:
            yield Gap(entry.name, str(error))
    if archive.flaw:
        yield Gap("", archive.flaw)


class _Beating:
    """A readable that lets the parent know that bytes go through it."""

    def __init__(self, source: Readable, page: channel.Page) -> None:
        self._source = source
        self._page = page

    def read(self, size: int, /) -> bytes:
        self._page.beat()
        return self._source.read(size)

    def close(self) -> None:
        self._source.close()

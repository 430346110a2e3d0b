"""A process that reads foreign bytes and may be ended at any time, as its parent sees it. Inside: `worker.py`."""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from rightshift.catalog.walk import Grouped, Reading
from rightshift.errors import RightshiftError
from rightshift.model.inventory import Gap
from rightshift.scan import channel
from rightshift.scan.budget import Budget
from rightshift.scan.crew import Crew, Hired
from rightshift.scan.page import Page
from rightshift.tree.entry import Skipped
from rightshift.tree.material import Blob, DiffDirectory, FileMaterial, ImageMaterial, Material, Readable, TreeMaterial

CHUNK_BYTES = 256 << 10


@dataclass(slots=True)
class PartResult:
    """What was found in one part (a layer, a tree or a file) and what it proved to be."""

    readings: list[Reading] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    grouped: list[Grouped] = field(default_factory=list)
    outcome: channel.Outcome = field(default_factory=channel.Outcome)

    @property
    def repeatable(self) -> bool:
        """Reading it again would give the same: no reader was interrupted, and no file avoided."""
        return not self.outcome.interrupted


class ChildEnded(Exception):
    """The child is gone in the middle of its work: it was ended, or ended itself. `path` is what it was reading."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class PartRefused(Exception):
    """The part is not what it claims to be, or can't be read at all."""


def order(material: Material, budget: Budget, avoid: Mapping[str, str]) -> tuple[channel.Order, list[int]]:
    """What a child is told of a material, and the descriptors that go with it, each once."""
    match material:
        case ImageMaterial():
            fds = list(dict.fromkeys(layer.fd for layer in material.layers if layer.fd is not None))
            parts = [_layer(layer, fds) for layer in material.layers]
        case TreeMaterial():
            skip = {os.fsencode(folder): reason.encode("utf-8", "replace") for folder, reason in material.skip}
            fds, parts = [material.fd], [channel.TreePart(0, skip, material.one_file_system)]
        case FileMaterial():
            name, sbom = os.fsencode(material.name), material.subject.kind == "sbom"
            fds, parts = [material.fd], [channel.FilePart(0, name, material.size_bytes, sbom)]
    return channel.Order(parts, budget, dict(avoid)), fds


def _layer(layer: Blob | DiffDirectory, fds: Sequence[int]) -> channel.Part:
    if isinstance(layer, DiffDirectory):
        return channel.DiffPart(fds.index(layer.fd))
    said = layer.layer
    at = -1 if layer.fd is None else fds.index(layer.fd)
    return channel.BlobPart(said.digest, said.diff_id, said.size_bytes, layer.media_type, at, layer.offset)


class Child:
    """
    One confined process that was hired of a crew for one material.

    Its only ways out are a pipe with results, checked against their shape, and a page that names what it reads.
    """

    def __init__(self, crew: Crew, hired: Hired, told: channel.Order) -> None:
        self._crew = crew
        self._hired = hired
        self._budget = told.budget
        self._page = Page(hired.page)
        self._ended = False
        self.walls = channel.Walls([], [])
        try:
            channel.send_order(hired.orders, told)
        except BrokenPipeError:
            return  # it is gone, which whoever asks it for something is told

    def read(self, job: channel.Job, part: Blob | None, deadline: float, progress: Callable[[str], None]) -> PartResult:
        """
        Has the child read one part; a blob that isn't on this machine is passed on as it arrives.

        Raises: ChildEnded, PartRefused; RightshiftError when the blob's own source broke off.
        """
        pump = _Pump(part.open(), self._hired.stream) if part is not None and part.fd is None else None
        try:
            channel.send_order(self._hired.orders, job)
            if pump:
                pump.start()
            return self._collect(job.number, deadline, pump, progress)
        except BrokenPipeError:
            raise self._gone("it ended by itself") from None
        finally:
            if pump:
                pump.stop()
                if pump.failure:
                    raise pump.failure

    def _collect(
        self, number: int, deadline: float, pump: "_Pump | None", progress: Callable[[str], None]
    ) -> PartResult:
        result, frames, received = PartResult(), channel.Frames(), 0
        beats, heard_at = self._page.look()[0], time.monotonic()
        poll = select.poll()
        poll.register(self._hired.results, select.POLLIN)
        while True:
            ready = poll.poll(200)
            now = time.monotonic()
            looked, path = self._page.look()
            if ready or looked != beats or (pump and pump.waiting):
                beats, heard_at = looked, now
            if now > deadline:
                raise self._gone("the time for the whole scan is used up")
            if now - heard_at > self._budget.silence_s:
                raise self._gone(f"it took longer than {self._budget.silence_s:.0f} s")
            progress(path)
            if not ready:
                continue
            content = os.read(self._hired.results, 1 << 20)
            if not content:
                raise self._gone("")
            if (received := received + len(content)) > self._budget.answer_bytes:
                raise self._gone("it gave more results than allowed")
            try:
                for frame in frames.feed(content):
                    match channel.decoded(frame):
                        case channel.Batch(readings, gaps, skipped, grouped):
                            result.grouped += grouped
                            result.readings += readings
                            result.gaps += gaps
                            result.skipped += skipped
                        case channel.Done(which, outcome) if which == number:
                            result.outcome = outcome
                            return result
                        case channel.Failed(_, reason):
                            raise PartRefused(reason)
                        case channel.Walls() as walls:
                            self.walls = walls
            except (ValueError, msgspec.MsgspecError):
                raise self._gone("what it answered can't be understood") from None

    def _gone(self, reason: str) -> ChildEnded:
        _, path = self._page.look()
        status = self._stopped()
        if not reason:
            reason = "it used more memory or time than allowed" if os.WIFSIGNALED(status) else "it ended by itself"
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) not in (signal.SIGKILL, signal.SIGXCPU):
                reason = f"it crashed ({signal.Signals(os.WTERMSIG(status)).name})"
        return ChildEnded(path, reason)

    def end(self) -> None:
        """Ends the process however it is."""
        self._stopped()
        self._page.close()
        self._hired.close()

    def _stopped(self) -> int:
        """Its wait status; 0 when it was ended before."""
        if self._ended:
            return 0
        self._ended = True
        return self._crew.end(self._hired)


class _Pump(threading.Thread):
    """Passes a blob that arrives from elsewhere on to the child, which has no network of its own."""

    def __init__(self, source: Readable, target: int) -> None:
        super().__init__(daemon=True)
        self._source = source
        self._target = target
        self.failure: RightshiftError | None = None
        self.waiting = False
        """It is the source that lets us wait, not the child."""

    def run(self) -> None:
        try:
            while chunk := self._next():
                channel.write_frame(self._target, chunk)
            channel.write_frame(self._target, b"")
        except (BrokenPipeError, ValueError):
            return  # the child is gone, which its reader finds out
        except (OSError, RightshiftError) as error:
            self.failure = error if isinstance(error, RightshiftError) else RightshiftError(str(error))
            try:
                channel.write_broken(self._target)
            except OSError:
                return

    def _next(self) -> bytes:
        self.waiting = True
        try:
            return self._source.read(CHUNK_BYTES)
        finally:
            self.waiting = False

    def stop(self) -> None:
        self.join(timeout=None if not self.is_alive() else 30)
        self._source.close()

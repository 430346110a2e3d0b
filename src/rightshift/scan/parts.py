"""Reads the parts of a material in children: several at once, and again without a file that ended a child."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job, Order
from rightshift.scan.child import Child, ChildEnded, PartRefused, PartResult, order
from rightshift.scan.crew import Crew
from rightshift.tree.material import Blob, ImageMaterial, Material

Progress = Callable[[str], None]
"""Told what is being read, from several threads."""


def silent(_what: str) -> None:
    """Where nobody looks."""


@dataclass(slots=True)
class Read:
    """What came of the parts: results by number, reasons of those that were refused, and what was lost with a child."""

    results: dict[int, PartResult] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    walls: tuple[str, ...] = ()
    missing_walls: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever reads the results should know of how they were had."""
        return tuple(f"a wall around what reads foreign files is missing here: {wall}" for wall in self.missing_walls)


def read(crew: Crew, material: Material, budget: Budget, jobs: Sequence[Job], progress: Progress = silent) -> Read:
    """
    Has children read these parts, each at most once (layers of an image and shares of a tree by number, else 0).

    A child that has to be ended costs the file it was reading: its part is read again without it, at most
    `budget.restarts` times. Raises RightshiftError when a blob's source broke off.
    """
    read = Read()
    avoid: dict[str, str] = {}
    left = list(jobs)
    deadline = time.monotonic() + budget.total_s
    for attempt in range(budget.restarts + 1):
        if not left:
            break
        told, fds = order(material, budget, avoid)
        ended = _Round(material, deadline, progress, left).run(crew, told, fds, read)
        left = []
        for job, end in ended:
            if end.path and attempt < budget.restarts and time.monotonic() < deadline:
                avoid[end.path] = end.reason
                left.append(job)
            else:
                read.refused[job.number] = f"{end.reason}, while reading {end.path!r}" if end.path else end.reason
    for result in read.results.values():
        crew.loaded.update(reading.format for reading in result.readings)
    return read


class _Round:
    """One set of children, gone at the end: one that there has to be, and more where places are free."""

    def __init__(self, material: Material, deadline: float, progress: Progress, jobs: Sequence[Job]) -> None:
        self._blobs = material.layers if isinstance(material, ImageMaterial) else ()
        self._deadline = deadline
        self._progress = progress
        self._waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        for job in jobs:
            self._waiting.put(job)
        self._most = len(jobs)
        self._ended: list[tuple[Job, ChildEnded]] = []
        self._failure: BaseException | None = None

    def run(self, crew: Crew, told: Order, fds: Sequence[int], read: Read) -> list[tuple[Job, ChildEnded]]:
        children: list[Child] = []
        try:
            while len(children) < self._most and (hired := crew.hire(fds, wait=not children)):
                children.append(Child(crew, hired, told))
            threads = [threading.Thread(target=self._work, args=(child, read), daemon=True) for child in children[1:]]
            for thread in threads:
                thread.start()
            self._work(children[0], read)
            for thread in threads:
                thread.join()
        finally:
            for child in children:
                child.end()
        if self._failure:
            raise self._failure
        while not self._waiting.empty():  # a child ended before these had their turn
            self._ended.append((self._waiting.get(), ChildEnded("", "no child was left to read it")))
        walls = children[0].walls
        read.walls, read.missing_walls = tuple(walls.walls), tuple(walls.missing)
        return self._ended

    def _work(self, child: Child, read: Read) -> None:
        while not self._failure:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return
            part = self._blobs[job.number] if self._blobs else None
            try:
                blob = part if isinstance(part, Blob) else None
                read.results[job.number] = child.read(job, blob, self._deadline, self._progress)
            except PartRefused as error:
                read.refused[job.number] = str(error)
            except ChildEnded as end:
                self._ended.append((job, end))
                return
            except Exception as error:  # noqa: BLE001 - raised again by whoever waits for this thread
                self._failure = error
                return

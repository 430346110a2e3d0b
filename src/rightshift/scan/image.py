"""The layers of an image to one inventory: those that are known from the cache, the rest read in children."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rightshift.catalog.index import Index
from rightshift.catalog.merge import merge
from rightshift.catalog.walk import Reading
from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Inventory
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.cache import Cache, Kept
from rightshift.scan.channel import Job
from rightshift.scan.child import PartResult
from rightshift.scan.crew import Crew
from rightshift.scan.parts import Progress
from rightshift.tree.material import Blob, ImageMaterial
from rightshift.tree.whiteouts import Stack

_NOTHING = Kept()


def read_image(
    material: ImageMaterial,
    crew: Crew,
    index: Index,
    cache: Cache | None,
    budget: Budget,
    progress: Progress,
) -> Inventory:
    """
    What one sees at the top of an image, each package with the layer that brought it.

    A layer that isn't what its digest or the image's config says makes the image no image: SourceError. One that is
    damaged or too much costs that layer and is a gap, unless nothing else is left.
    """
    kept: dict[int, Kept] = {}
    refused: dict[int, str] = {}
    notes: dict[str, None] = {}
    while left := [number for number in range(len(material.layers)) if number not in kept and number not in refused]:
        with _claimed(material, cache, left) as ours:
            kept |= _known(material, cache, ours)
            jobs = [Job(number) for number in ours if number not in kept]
            done = parts.read(crew, material, budget, jobs, progress)
            for number, result in done.results.items():
                kept[number] = _checked(material, number, result)
                if cache and (digest := _digest(material, number)) and result.repeatable:
                    cache.put(digest, kept[number])
            refused |= done.refused
            notes |= dict.fromkeys(done.notes)
        if cache and not ours:
            cache.wait_for(_digest(material, left[0]))
    if refused and not kept:
        raise SourceError(f"no layer of {material.subject.name} could be read: {next(iter(refused.values()))}")
    layers = [kept.get(number, _NOTHING) for number in range(len(material.layers))]
    stack = Stack([layer.changes for layer in layers])
    linked = _Linked(stack, index)
    if linked.jobs:
        linked.add(parts.read(crew, material, budget, linked.jobs, progress))
    packages, distro = merge(
        [[*layer.readings, *linked.readings[number]] for number, layer in enumerate(layers)],
        lambda layer, path: linked.is_at(layer, path) or stack.visible(layer, path),
    )
    return Inventory(
        packages=tuple(packages),
        gaps=(*material.gaps, *_gaps(material, layers, refused), *linked.gaps),
        distro=distro,
        layers=tuple(layer.layer for layer in material.layers),
        notes=tuple(notes),
    )


@contextmanager
def _claimed(material: ImageMaterial, cache: Cache | None, numbers: Sequence[int]) -> Iterator[list[int]]:
    """Those of the layers that are ours to read: another thread may be at it, for an image with the same base."""
    if not cache:
        yield list(numbers)
        return
    digests = {number: _digest(material, number) for number in numbers}
    ours = [number for number, digest in digests.items() if not digest or cache.claim(digest)]
    try:
        yield ours
    finally:
        cache.release(digests[number] for number in ours)


def _digest(material: ImageMaterial, number: int) -> str:
    """By what a layer is kept; empty for one that isn't."""
    layer = material.layers[number]
    return layer.layer.digest if isinstance(layer, Blob) else ""


def _gaps(material: ImageMaterial, layers: Sequence[Kept], refused: Mapping[int, str]) -> Iterator[Gap]:
    for number, layer in enumerate(layers):
        claimed = material.layers[number].layer
        digest = claimed.digest or claimed.diff_id
        if number in refused:
            yield Gap("", refused[number], digest)
        for gap in layer.gaps:
            yield Gap(gap.path, gap.reason, digest)


class _Linked:
    """Links at wanted paths whose targets no path asked for: their layers are read again for these alone."""

    def __init__(self, stack: Stack, index: Index) -> None:
        self.gaps: list[Gap] = []
        self.readings: dict[int, list[Reading]] = defaultdict(list)
        self._layer_of: dict[str, int] = {}
        links: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for asked in stack.asked():
            if asked.target is None:
                self.gaps.append(Gap(asked.path, "a link that leads to no file inside"))
            elif not index(asked.target[1]):
                layer, target = asked.target
                links[layer][target].append(asked.path)
                self._layer_of[asked.path] = asked.layer
        self.jobs = [Job(layer, targets) for layer, targets in sorted(links.items())]

    def is_at(self, layer: int, path: str) -> bool:
        """Whether a visible link lies there: only those are read through."""
        return self._layer_of.get(path) == layer

    def add(self, again: parts.Read) -> None:
        """What was found behind the links, as if it lay where they do."""
        for number, reason in again.refused.items():
            self.gaps += [Gap(path, reason) for job in self.jobs if job.number == number for path in _paths(job)]
        for result in again.results.values():
            self.gaps += result.gaps
            for reading in result.readings:
                self.readings[self._layer_of.get(reading.path, 0)].append(reading)


def _paths(job: Job) -> Iterator[str]:
    for links in job.links.values():
        yield from links


def _known(material: ImageMaterial, cache: Cache | None, numbers: Sequence[int]) -> dict[int, Kept]:
    kept: dict[int, Kept] = {}
    for number in numbers:
        digest, claimed = _digest(material, number), material.layers[number].layer.diff_id
        if cache and digest and (found := cache.get(digest)):
            if claimed and found.diff_id and claimed != found.diff_id:
                raise _not_as_claimed(material, digest, found.diff_id, claimed)
            kept[number] = found
    return kept


def _checked(material: ImageMaterial, number: int, result: PartResult) -> Kept:
    claimed, outcome = material.layers[number].layer, result.outcome
    if claimed.size_bytes and outcome.size_bytes > claimed.size_bytes:
        raise _not_as_claimed(material, claimed.digest, f"more than {claimed.size_bytes} bytes", "that long")
    for said, found in ((claimed.digest, outcome.digest), (claimed.diff_id, outcome.diff_id)):
        if said and found and said != found:
            raise _not_as_claimed(material, claimed.digest or claimed.diff_id, found, said)
    kept = Kept(outcome.diff_id, outcome.size_bytes, result.readings, result.gaps, outcome.changes)
    _ = kept.changes  # nothing is kept that can't be unpacked
    return kept


def _not_as_claimed(material: ImageMaterial, layer: str, found: str, claimed: str) -> SourceError:
    return SourceError(
        f"layer {layer} of {material.subject.name} is not what the image says: it is {found}, not {claimed}",
        means="The image was damaged on its way, or somebody changed it",
        do="Fetch or push it again; nothing of it was used",
    )

"""The layers of an image to one inventory: those that are known from the cache, the rest read in children."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

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
from rightshift.tree.material import Blob, ImageMaterial
from rightshift.tree.whiteouts import Changes, Stack

_NOTHING = Kept("", 0, [], [], b"")


def read_image(
    material: ImageMaterial,
    index: Index,
    cache: Cache | None,
    budget: Budget,
    workers: int,
    progress: Callable[[str], None],
) -> Inventory:
    """
    What one sees at the top of an image, each package with the layer that brought it.

    A layer that isn't what its digest or the image's config says makes the image no image: SourceError. One that is
    damaged or too much costs that layer and is a gap, unless nothing else is left.
    """
    kept = _known(material, cache)
    missing = [number for number in range(len(material.layers)) if number not in kept]
    done = parts.read(material, index, budget, [Job(number) for number in missing], workers, progress)
    for number, result in done.results.items():
        kept[number] = _checked(material, number, result)
        layer = material.layers[number]
        if cache and isinstance(layer, Blob) and layer.layer.digest and result.repeatable:
            cache.put(layer.layer.digest, kept[number])
    if done.refused and not kept:
        raise SourceError(f"no layer of {material.subject.name} could be read: {next(iter(done.refused.values()))}")
    layers = [kept.get(number, _NOTHING) for number in range(len(material.layers))]
    stack = Stack([Changes.unpack(layer.changes) if layer.changes else Changes() for layer in layers])
    linked = _Linked(stack, index)
    if linked.jobs:
        again = parts.read(material, index, budget, linked.jobs, workers, progress)
        linked.add(again)
    packages, distro = merge(
        [[*layer.readings, *linked.readings[number]] for number, layer in enumerate(layers)],
        lambda layer, path: linked.is_at(layer, path) or stack.visible(layer, path),
    )
    return Inventory(
        packages=tuple(packages),
        gaps=(*material.gaps, *_gaps(material, layers, done.refused), *linked.gaps),
        distro=distro,
        layers=tuple(layer.layer for layer in material.layers),
    )


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


def _known(material: ImageMaterial, cache: Cache | None) -> dict[int, Kept]:
    kept: dict[int, Kept] = {}
    for number, layer in enumerate(material.layers):
        if cache and isinstance(layer, Blob) and layer.layer.digest and (found := cache.get(layer.layer.digest)):
            if layer.layer.diff_id and found.diff_id and layer.layer.diff_id != found.diff_id:
                raise _not_as_claimed(material, layer.layer.digest, found.diff_id, layer.layer.diff_id)
            kept[number] = found
    return kept


def _checked(material: ImageMaterial, number: int, result: PartResult) -> Kept:
    claimed, outcome = material.layers[number].layer, result.outcome
    if claimed.size_bytes and outcome.size_bytes > claimed.size_bytes:
        raise _not_as_claimed(material, claimed.digest, f"more than {claimed.size_bytes} bytes", "that long")
    for said, found in ((claimed.digest, outcome.digest), (claimed.diff_id, outcome.diff_id)):
        if said and found and said != found:
            raise _not_as_claimed(material, claimed.digest or claimed.diff_id, found, said)
    return Kept(outcome.diff_id, outcome.size_bytes, result.readings, result.gaps, outcome.changes)


def _not_as_claimed(material: ImageMaterial, layer: str, found: str, claimed: str) -> SourceError:
    return SourceError(
        f"layer {layer} of {material.subject.name} is not what the image says: it is {found}, not {claimed}",
        means="The image was damaged on its way, or somebody changed it",
        do="Fetch or push it again; nothing of it was used",
    )

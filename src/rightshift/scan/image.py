"""The layers of an image to one inventory: those that are known from the cache, the rest read in children."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rightshift.catalog.index import Index
from rightshift.catalog.merge import merge
from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Inventory
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.cache import Cache, Kept
from rightshift.scan.child import PartResult
from rightshift.tree.material import Blob, ImageMaterial
from rightshift.tree.whiteouts import Changes, Stack

_NOTHING = Kept("", 0, [], [], b"")


def read_image(
    material: ImageMaterial,
    index: Index,
    catalogue: str,
    folder: Path | None,
    budget: Budget,
    workers: int,
    progress: Callable[[str], None],
) -> Inventory:
    """
    What one sees at the top of an image, each package with the layer that brought it.

    A layer that isn't what its digest or the image's config says makes the image no image: SourceError. One that is
    damaged or too much costs that layer and is a gap, unless nothing else is left.
    """
    cache = Cache(folder, catalogue) if folder else None
    kept = _known(material, cache)
    missing = [number for number in range(len(material.layers)) if number not in kept]
    done = parts.read(material, index, budget, missing, workers, progress)
    for number, result in done.results.items():
        kept[number] = _checked(material, number, result)
        layer = material.layers[number]
        if cache and isinstance(layer, Blob) and layer.layer.digest and result.repeatable:
            cache.put(layer.layer.digest, kept[number])
    if cache:
        cache.trim()
    if done.refused and not kept:
        raise SourceError(f"no layer of {material.subject.name} could be read: {next(iter(done.refused.values()))}")
    gaps = list(material.gaps)
    for number, layer in enumerate(material.layers):
        digest = layer.layer.digest or layer.layer.diff_id
        gaps += [Gap("", reason, digest) for reason in (done.refused.get(number),) if reason]
        gaps += [Gap(gap.path, gap.reason, digest) for gap in (kept[number].gaps if number in kept else ())]
    return _merged(material, kept, gaps)


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


def _merged(material: ImageMaterial, kept: dict[int, Kept], gaps: Sequence[Gap]) -> Inventory:
    layers = [kept.get(number, _NOTHING) for number in range(len(material.layers))]
    stack = Stack([Changes.unpack(layer.changes) if layer.changes else Changes() for layer in layers])
    packages, distro = merge([layer.readings for layer in layers], stack.visible)
    return Inventory(
        packages=tuple(packages),
        gaps=tuple(gaps),
        distro=distro,
        layers=tuple(layer.layer for layer in material.layers),
    )

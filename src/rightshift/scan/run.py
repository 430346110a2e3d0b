"""One source to one scan document. What a source is: `source`; reading happens in a `child`. Knows no advisory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rightshift.catalog import index as catalog_index
from rightshift.catalog.index import Index
from rightshift.catalog.merge import merge
from rightshift.documents.scan import ScanDocument, again, of
from rightshift.errors import SourceError
from rightshift.model.inventory import Inventory
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job
from rightshift.source.open import open_source
from rightshift.source.options import Options as SourceOptions
from rightshift.tree.material import ImageMaterial, Material


def _silent(_what: str) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to scan. `created` (RFC 3339, UTC) and `id` go into the document as they are: time enters at the top.

    `ecosystems` are purl types, none means all. `cache` is a folder, None keeps nothing. `progress` is told what is
    being read, from several threads.
    """

    created: str
    id: str
    source: SourceOptions = field(default_factory=SourceOptions)
    ecosystems: frozenset[str] = frozenset()
    cache: Path | None = None
    budget: Budget = field(default_factory=Budget)
    workers: int = 2
    progress: Callable[[str], None] = _silent


def scan(text: str, options: Options) -> ScanDocument:
    """What is in the thing that `text` names. Raises: SourceError, UsageError, EgressError if there is none."""
    material = open_source(text, options.source)
    try:
        return scan_material(material, options)
    finally:
        material.close()


def scan_material(material: Material, options: Options) -> ScanDocument:
    """What is in a material that is open already. Raises: SourceError when nothing of it could be read."""
    index = catalog_index.index(options.ecosystems)
    catalogue = catalog_index.version(options.ecosystems)
    if isinstance(material, ImageMaterial):
        return _image(material, index, catalogue, options)
    inventory = _tree(material, index, options)
    return of(material.subject, inventory, created=options.created, id=options.id, catalogue=catalogue)


def _image(material: ImageMaterial, index: Index, catalogue: str, options: Options) -> ScanDocument:
    from rightshift.scan.cache import Cache
    from rightshift.scan.image import read_image

    cache = Cache(options.cache, catalogue) if options.cache else None
    digests = [material.subject.id, *(layer.layer.digest for layer in material.layers)]
    proven = all(digests) and not material.gaps
    if cache and proven and (known := cache.image(digests)):
        return again(known, material.subject, created=options.created, id=options.id)
    inventory = read_image(material, index, cache, options.budget, options.workers, options.progress)
    document = of(material.subject, inventory, created=options.created, id=options.id, catalogue=catalogue)
    if cache and proven and inventory.complete:
        cache.put_image(digests, document)
    if cache:
        cache.trim()
    return document


def _tree(material: Material, index: Index, options: Options) -> Inventory:
    done = parts.read(material, index, options.budget, [Job(0)], 1, options.progress)
    if 0 in done.refused:
        raise SourceError(f"{material.subject.name} could not be read: {done.refused[0]}")
    result = done.results[0]
    packages, distro = merge([result.readings])
    if material.subject.kind == "sbom" and result.gaps and not packages:
        raise SourceError(f"{material.subject.name} could not be read: {result.gaps[0].reason}")
    return Inventory(
        packages=tuple(packages),
        gaps=tuple(result.gaps),
        distro=distro,
        covered_elsewhere=tuple(f"{skipped.path}: {skipped.reason}" for skipped in result.skipped),
    )

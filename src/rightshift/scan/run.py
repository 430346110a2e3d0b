"""A material to a scan document, without an advisory. What a material is: `tree/material.py`; several: `several.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rightshift.catalog import index as catalog_index
from rightshift.catalog.merge import merge
from rightshift.documents.scan import ScanDocument, again, of
from rightshift.errors import SourceError
from rightshift.model.inventory import Inventory
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job
from rightshift.scan.crew import Crew
from rightshift.tree.material import ImageMaterial, Material


def _silent(_what: str) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to scan. `ecosystems` are purl types, none means all. `cache` is a folder, None keeps nothing.

    `progress` is told what is being read, from several threads.
    """

    ecosystems: frozenset[str] = frozenset()
    cache: Path | None = None
    budget: Budget = field(default_factory=Budget)
    progress: Callable[[str], None] = _silent


class Scanner:
    """Scans with one crew, one cache and one catalogue. Several threads may use it at once."""

    def __init__(self, crew: Crew, options: Options) -> None:
        self._crew = crew
        self._options = options
        self._index = catalog_index.index(options.ecosystems)
        self._catalogue = catalog_index.version(options.ecosystems)
        self._cache = None
        if options.cache:
            from rightshift.scan.cache import Cache

            self._cache = Cache(options.cache, self._catalogue)

    def scan(self, material: Material, created: str, id: str) -> ScanDocument:
        """
        What is in a material, which stays the caller's. `created` (RFC 3339, UTC) and `id` go into the document as they
        are: time enters at the top.

        Raises: SourceError when nothing of it could be read; RightshiftError when its source broke off.
        """
        if isinstance(material, ImageMaterial):
            return self._image(material, created, id)
        return of(material.subject, self._tree(material), created=created, id=id, catalogue=self._catalogue)

    def _image(self, material: ImageMaterial, created: str, id: str) -> ScanDocument:
        from rightshift.scan.image import read_image

        cache = self._cache
        digests = [material.subject.id, *(layer.layer.digest for layer in material.layers)]
        proven = all(digests) and not material.gaps
        if cache and proven and (known := cache.image(digests)):
            return again(known, material.subject, created=created, id=id)
        options = self._options
        inventory = read_image(material, self._crew, self._index, cache, options.budget, options.progress)
        document = of(material.subject, inventory, created=created, id=id, catalogue=self._catalogue)
        if cache and proven and inventory.complete:
            cache.put_image(digests, document)
        if cache:
            cache.trim()
        return document

    def _tree(self, material: Material) -> Inventory:
        done = parts.read(self._crew, material, self._options.budget, [Job(0)], self._options.progress)
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
            notes=done.notes,
        )

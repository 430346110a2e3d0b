"""A material to a scan document, without an advisory. What a material is: `tree/material.py`; several: `several.py`."""

from dataclasses import dataclass, field
from pathlib import Path

from rightshift.catalog import index as catalog_index
from rightshift.documents.scan import ScanDocument, again, of
from rightshift.scan.budget import Budget
from rightshift.scan.crew import Crew
from rightshift.scan.parts import Progress, silent
from rightshift.tree.material import ImageMaterial, Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to scan. `ecosystems` are purl types, none means all. `cache` is a folder, None keeps nothing.

    `progress` is told what is being read, from several threads.
    """

    ecosystems: frozenset[str] = frozenset()
    cache: Path | None = None
    budget: Budget = field(default_factory=Budget)
    progress: Progress = silent


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
        from rightshift.scan.tree import read_tree

        inventory = read_tree(material, self._crew, self._options.budget, self._options.progress)
        return of(material.subject, inventory, created=created, id=id, catalogue=self._catalogue)

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

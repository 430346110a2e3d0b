"""One source to one scan document. What a source is: `source`; reading happens in a `child`; knows no advisory."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rightshift.catalog import index as catalog_index
from rightshift.catalog.index import Index
from rightshift.catalog.merge import merge
from rightshift.catalog.walk import Reading
from rightshift.documents.scan import ScanDocument, of
from rightshift.errors import RightshiftError, SourceError
from rightshift.model.inventory import Gap, Inventory
from rightshift.scan.budget import Budget
from rightshift.scan.cache import Cache, Kept
from rightshift.scan.child import Child, ChildEnded, PartRefused, PartResult
from rightshift.source.open import Options as SourceOptions
from rightshift.source.open import open_source
from rightshift.tree.material import Blob, ImageMaterial, Material


def _silent(_what: str) -> None:
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """
    How to scan. `created` (RFC 3339, UTC) and `id` go into the document as they are: time enters at the top.

    `ecosystems` are purl types, none means all. `cache` is a folder, None keeps nothing. `progress` is told what is
    being read; it is called from several threads.
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
    """
    What is in the thing that `text` names. Raises: SourceError, UsageError, EgressError when there is no document.
    """
    material = open_source(text, options.source)
    try:
        return scan_material(material, options)
    finally:
        material.close()


def scan_material(material: Material, options: Options) -> ScanDocument:
    """What is in a material that is open already. Raises: SourceError when nothing of it could be read."""
    index = catalog_index.index(options.ecosystems)
    catalogue = catalog_index.version(options.ecosystems)
    inventory = (
        _image(material, index, catalogue, options)
        if isinstance(material, ImageMaterial)
        else _single(material, index, options)
    )
    return of(material.subject, inventory, created=options.created, id=options.id, catalogue=catalogue)

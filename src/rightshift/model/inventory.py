"""The packages of one tree, with what could not be read. How it travels: `documents/scan`."""

from dataclasses import dataclass
from typing import Literal

from rightshift.model.package import Distro, Package


@dataclass(frozen=True, slots=True)
class Gap:
    """
    Something that could not be read or was cut off by a limit.

    `path` is below the root, empty for the whole; `reason` one line that says what was lost and why. `layer` is the
    digest of the layer it lies in, where there is one.
    """

    path: str
    reason: str
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of an image, base first. `created_by` is the instruction that made it, as the image's history says."""

    digest: str
    diff_id: str = ""
    size_bytes: int = 0
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    What was scanned. `name` is what the user wrote; `id` what proves it: an image's config digest, else empty.

    `aliases` are other digests of the same image (manifest, index), `tags` its names.
    """

    kind: Literal["image", "directory", "host", "file", "container", "sbom"]
    name: str
    id: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    architecture: str = ""
    os: str = ""
    created: str = ""
    """When the image was built, RFC 3339; empty when unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Packages in a stable order, gaps in the order of the walk, and the distribution at the root if there is one."""

    packages: tuple[Package, ...]
    gaps: tuple[Gap, ...] = ()
    distro: Distro | None = None
    layers: tuple[Layer, ...] = ()
    covered_elsewhere: tuple[str, ...] = ()
    """Folders left out on purpose, since another scan covers them: stores of container runtimes."""
    notes: tuple[str, ...] = ()
    """What one should know of how it was read, a line each, although nothing was lost."""

    @property
    def complete(self) -> bool:
        """False when anything was lost."""
        return not self.gaps

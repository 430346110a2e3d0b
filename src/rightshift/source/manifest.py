"""Manifests, indexes and configs of images: bytes in, checked documents out. Fetching: `oci_layout`, `registries`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Layer
from rightshift.source import digest, platforms
from rightshift.source.platforms import Platform

MANIFEST_BYTES = 4 << 20
CONFIG_BYTES = 8 << 20
DESCRIPTORS = 1000
INDEX_DEPTH = 2
"""Indexes above a manifest: the image's own and one inside it."""
TEXT = 4096
"""Characters kept of an instruction in the history."""

INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
MANIFEST_TYPES = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_CONFIG_TYPES = frozenset(
    {"application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"}
)
_LAYER_TYPES = (
    "application/vnd.oci.image.layer.",
    "application/vnd.docker.image.rootfs.",
    "application/vnd.docker.container.image.rootfs.",
)
_FOREIGN = (".nondistributable.", ".foreign.")
_SCHEMA1 = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
_ATTESTATION = "vnd.docker.reference.type"
_REF_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")

T = TypeVar("T")


class _Platform(msgspec.Struct):
    os: str | None = None
    architecture: str | None = None
    variant: str | None = None


class Descriptor(msgspec.Struct, rename="camel"):
    """A part by digest and size, as an image names it: nothing of it is checked until its bytes are here."""

    digest: str
    size: int
    media_type: str | None = None
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None
    urls: list[str] | None = None
    artifact_type: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What an index calls it."""
        return tuple(name for key in _REF_NAMES if (name := (self.annotations or {}).get(key)))


class _Document(msgspec.Struct, rename="camel"):
    schema_version: int | None = None
    media_type: str | None = None
    artifact_type: str | None = None
    config: Descriptor | None = None
    layers: list[Descriptor] | None = None
    manifests: list[Descriptor] | None = None
    fs_layers: list[msgspec.Raw] | None = None


class _History(msgspec.Struct):
    created_by: str | None = None
    empty_layer: bool | None = None


class _RootFs(msgspec.Struct):
    diff_ids: list[str] | None = None


class _Config(msgspec.Struct):
    architecture: str | None = None
    os: str | None = None
    variant: str | None = None
    created: str | None = None
    rootfs: _RootFs | None = None
    history: list[_History] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What an image says of itself. `instructions` are those that made a layer, base first."""

    platform: Platform
    created: str = ""
    diff_ids: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One layer to be had, with its media type."""

    layer: Layer
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image by its documents, all of them checked against their digests. `aliases` are manifest and indexes."""

    id: str
    aliases: tuple[str, ...]
    config: Config
    parts: tuple[Part, ...]
    """Layers that can be asked for, base first."""
    gaps: tuple[Gap, ...]
    """Layers that can't: encrypted, kept elsewhere, of an unknown kind."""
    names: tuple[str, ...] = ()


LIMITS = {"manifest": MANIFEST_BYTES, "config": CONFIG_BYTES}
Fetch = Callable[[Descriptor, Literal["manifest", "config"]], bytes]
"""Gives the bytes of a document, no more than its limit; whoever asked checks them. Raises SourceError."""


def resolve(top: Descriptor, fetch: Fetch, wanted: Platform | None) -> Image:
    """
    The image that a descriptor leads to, through indexes, for a platform (None: this machine's, or the only one).

    Raises:
        SourceError: a document is not what its digest says, no image, too large, too deep, or not for that platform.
    """
    aliases: list[str] = []
    names = list(top.names)
    for _ in range(INDEX_DEPTH + 1):
        content = verified(top, fetch(top, "manifest"))
        document = _document(content, top.digest)
        aliases.insert(0, str(digest.parse(top.digest)))
        if document.manifests is None:
            return _image(document, top, fetch, wanted, tuple(aliases), tuple(names))
        top = choose(document.manifests, wanted, top.digest)
        names += [name for name in top.names if name not in names]
    raise SourceError(f"{_short(top.digest)} lies below more than {INDEX_DEPTH} indexes", means="No image is built so")


def index(content: bytes, name: str) -> list[Descriptor]:
    """
    The entries of an index, such as a layout's `index.json`.

    Raises:
        SourceError: it is no index, or has too many entries.
    """
    document = _document(content, name)
    if document.manifests is None:
        raise SourceError(f"{name} is no index of images")
    return document.manifests


def choose(entries: list[Descriptor], wanted: Platform | None, name: str) -> Descriptor:
    """
    The entry for a platform. Attestations are none; an entry that names no platform serves when it is the only one.

    Raises:
        SourceError: none suits, or several would and nothing says which.
    """
    images = [entry for entry in entries if not _is_attestation(entry)]
    if not images:
        raise SourceError(f"{_short(name)} lists no image")
    offered = [_platform(entry) for entry in images]
    place = platforms.best(wanted or platforms.here(), offered)
    if place is not None:
        return images[place]
    if len(images) == 1 and (wanted is None or not str(offered[0])):
        return images[0]
    listed = ", ".join(sorted({str(platform) or "without a platform" for platform in offered})[:20])
    raise SourceError(
        f"There is no image for {wanted or platforms.here()} in {_short(name)}",
        means=f"It has: {listed}",
        do="Name one of them with --platform",
    )


def config(content: bytes) -> Config:
    """
    The config of an image.

    Raises:
        SourceError: it is not JSON, or its fields have other types than the specification's.
    """
    read = _decoded(content, _Config, "The image's config")
    diff_ids = tuple((read.rootfs and read.rootfs.diff_ids) or ())
    if len(diff_ids) > DESCRIPTORS:
        raise SourceError(f"The image's config names {len(diff_ids)} layers; at most {DESCRIPTORS} are read")
    for diff_id in diff_ids:
        digest.parse(diff_id)
    history = (read.history or [])[: 4 * DESCRIPTORS]
    return Config(
        platform=Platform(read.os or "", read.architecture or "", read.variant or ""),
        created=(read.created or "")[:64],
        diff_ids=diff_ids,
        instructions=tuple((step.created_by or "")[:TEXT] for step in history if not step.empty_layer),
    )


def check_platform(made: Config, wanted: Platform | None) -> None:
    """
    Holds a config against the platform that was asked for; one that names none serves all.

    Raises:
        SourceError: it is for another.
    """
    ours = made.platform
    if wanted and ours.os and ours.architecture and not platforms.suits(wanted, ours):
        raise SourceError(f"The image is for {ours} and not for {wanted}")


def layers(digests: tuple[tuple[str, int], ...], made: Config) -> tuple[tuple[Layer, ...], tuple[Gap, ...]]:
    """Layers by blob digest and size, with what the config says of each; a gap where it speaks of other layers."""
    count = len(digests)
    diff_ids = made.diff_ids if len(made.diff_ids) == count else ("",) * count
    steps = made.instructions if len(made.instructions) == count else ("",) * count
    rows = zip(digests, diff_ids, steps, strict=True)
    gaps: tuple[Gap, ...] = ()
    if len(made.diff_ids) != count:
        lost = f"the config names {len(made.diff_ids)} layers and the manifest {count}: none is proved by it"
        gaps = (Gap("", lost),)
    return tuple(Layer(blob, diff_id, size, step) for (blob, size), diff_id, step in rows), gaps


def verified(descriptor: Descriptor, content: bytes) -> bytes:
    """
    The bytes of a document when size and digest are what its descriptor says.

    Raises:
        SourceError: they are not.
    """
    proof = digest.parse(descriptor.digest)
    if len(content) != descriptor.size or not proof.holds(content):
        raise SourceError(
            f"What came for {_short(descriptor.digest)} is not what its digest and size say",
            means="It was damaged or exchanged on its way, so nothing of it was read",
        )
    return content


def is_plain(media_type: str) -> bool:
    """Whether a layer's media type is one whose bytes are a tar archive, packed or not."""
    return media_type.startswith(_LAYER_TYPES) and "+encrypted" not in media_type and "nydus" not in media_type


def _image(
    document: _Document,
    at: Descriptor,
    fetch: Fetch,
    wanted: Platform | None,
    aliases: tuple[str, ...],
    names: tuple[str, ...],
) -> Image:
    _refuse_artifact(document, at.digest)
    assert document.config is not None
    made = config(verified(document.config, fetch(document.config, "config")))
    check_platform(made, wanted)
    found = document.layers or []
    for entry in found:
        digest.parse(entry.digest)
        if entry.size < 0:
            raise SourceError(f"The layer {entry.digest} has a size below zero")
    rows, gaps = layers(tuple((entry.digest, entry.size) for entry in found), made)
    parts, lost = [], list(gaps)
    for entry, layer in zip(found, rows, strict=True):
        why = _unreadable(entry)
        if why:
            lost.append(Gap("", why, layer.digest))
        else:
            parts.append(Part(layer, entry.media_type or ""))
    return Image(
        id=document.config.digest, aliases=aliases, config=made, parts=tuple(parts), gaps=tuple(lost), names=names
    )


def _refuse_artifact(document: _Document, name: str) -> None:
    if document.schema_version == 1 or document.fs_layers is not None:
        raise SourceError(
            f"{_short(name)} is a manifest of schema version 1",
            means="That format is retired and proves nothing of its content",
            do="Push the image again with a current tool, or convert it with skopeo copy",
        )
    if document.config is None:
        raise SourceError(f"{_short(name)} is a manifest without a config", means="It describes no image")
    kind = document.config.media_type or ""
    if document.artifact_type or kind not in _CONFIG_TYPES:
        what = document.artifact_type or kind or "an unnamed type"
        raise SourceError(
            f"{_short(name)} is no container image but an artifact of type {what[:120]}",
            means="Charts, signatures and models have no file system that could be scanned",
        )
    if document.layers is None:
        raise SourceError(f"{_short(name)} is a manifest without a list of layers")


def _unreadable(entry: Descriptor) -> str:
    kind = entry.media_type or ""
    if "+encrypted" in kind:
        return "the layer is encrypted"
    if any(mark in kind for mark in _FOREIGN):
        return "the layer is kept at an address outside the image, which is never called"
    if not is_plain(kind):
        return f"the layer's type {kind[:120] or 'is missing'} can't be read"
    return ""


def _is_attestation(entry: Descriptor) -> bool:
    if (entry.annotations or {}).get(_ATTESTATION):
        return True
    platform = entry.platform
    return bool(platform and platform.os == "unknown" and platform.architecture == "unknown")


def _platform(entry: Descriptor) -> Platform:
    found = entry.platform or _Platform()
    return Platform(found.os or "", found.architecture or "", found.variant or "")


def _document(content: bytes, name: str) -> _Document:
    if content.lstrip()[:1] == b"<":
        do = "Check the name, and that you are signed in"
        raise SourceError(f"{_short(name)} is a web page and no manifest", do=do)
    document = _decoded(content, _Document, _short(name))
    if document.manifests is not None and (document.config is not None or document.layers is not None):
        raise SourceError(f"{_short(name)} is index and manifest in one", means="Readers would see two images")
    if document.media_type and document.media_type not in (*INDEX_TYPES, *MANIFEST_TYPES, *_SCHEMA1):
        raise SourceError(f"{_short(name)} says that it is {document.media_type[:120]} and no manifest")
    count = len(document.layers or ()) + len(document.manifests or ())
    if count > DESCRIPTORS:
        raise SourceError(f"{_short(name)} lists {count} parts; at most {DESCRIPTORS} are read")
    return document


def _decoded(content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SourceError(f"{name} can't be read: {str(error)[:200]}") from error


def _short(name: str) -> str:
    return f"“{name[:100]}”"

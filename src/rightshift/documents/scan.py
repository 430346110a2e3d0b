"""The scan document: what one scan found, as it travels and is kept. Which advisories hold: `report/json`."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from rightshift import __version__
from rightshift.documents import lift, text
from rightshift.errors import Malformed
from rightshift.model import inventory as model
from rightshift.model import package as packages
from rightshift.model.package import Evidence, Origin, State

LIMIT_BYTES = 1 << 30
"""Of an encoded document. A host with 100,000 packages needs about 40 MB."""

_Path = Annotated[str, Meta(description="Below the root; `!/` leads into an archive")]
_Many = Meta(max_length=5_000_000)


class Tool(Struct, frozen=True):
    """What made the document. `catalogue` changes whenever the same bytes may be read differently."""

    name: str
    version: str
    catalogue: Annotated[str, Meta(description="Version of the readers: equal ones read equal bytes alike")]


class Subject(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was scanned. `id` is an image's config digest; `aliases` are other digests of the same image."""

    kind: Literal["image", "directory", "host", "file", "container", "sbom"]
    name: Annotated[str, Meta(description="As it was asked for")]
    id: Annotated[str, Meta(description="An image's config digest; empty for what has none")] = ""
    aliases: Annotated[
        tuple[str, ...], _Many, Meta(description="Other digests of the same image: of its manifest and index")
    ] = ()
    tags: Annotated[tuple[str, ...], _Many, Meta(description="Names that the image has where it was found")] = ()
    architecture: str = ""
    os: str = ""
    created: Annotated[str, Meta(description="When the image was made, RFC 3339")] = ""


class Distro(Struct, frozen=True, omit_defaults=True):
    """A distribution as `os-release` names it; `root` is the folder below which it holds."""

    id: Annotated[str, Meta(description="`ID` of os-release: `debian`")]
    version: Annotated[str, Meta(description="`VERSION_ID`: `12`; empty where there is none")] = ""
    like: Annotated[tuple[str, ...], _Many, Meta(description="`ID_LIKE`")] = ()
    codename: Annotated[str, Meta(description="`VERSION_CODENAME`")] = ""
    name: Annotated[str, Meta(description="`PRETTY_NAME`")] = ""
    root: _Path = ""


class Layer(Struct, frozen=True, omit_defaults=True):
    """A layer of an image; the first is the base."""

    digest: Annotated[str, Meta(description="Of the blob as it was stored")]
    diff_id: Annotated[str, Meta(description="Of what it unpacks to")] = ""
    size_bytes: Annotated[int, Meta(ge=0)] = 0
    created_by: Annotated[str, Meta(description="The instruction that made it")] = ""


class Gap(Struct, frozen=True, omit_defaults=True):
    """Something that was lost: where, why, in which layer (its digest)."""

    path: _Path
    reason: str
    layer: Annotated[str, Meta(description="Digest of the layer it lies in")] = ""


class Source(Struct, frozen=True, omit_defaults=True):
    """What an OS package was built from."""

    name: Annotated[str, Meta(description="Source package of a deb, origin of an apk, name of the source rpm")]
    version: Annotated[str, Meta(description="Empty when it is the package's own")] = ""


class Package(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    One package at one version. `purl` follows from the rest, and is not read back.

    `layer` counts from 0 in `layers`, `distro` in `distros`.
    """

    purl: Annotated[str, Meta(description="Package URL, with qualifiers")]
    name: Annotated[str, Meta(description="Whole, as the ecosystem writes it: `group:artifact`, `@scope/name`")]
    version: Annotated[str, Meta(description="In the ecosystem's spelling, with epoch; empty when the file gives none")]
    ecosystem: Annotated[str, Meta(description="purl type")]
    state: Annotated[
        State,
        Meta(description="`installed` on disk, `linked` into a binary, `locked` by a manifest, `claimed` by an SBOM"),
    ]
    locations: Annotated[tuple[_Path, ...], _Many]
    origin: Annotated[
        Origin, Meta(description="Where it came from; only `registry` and `unknown` are matched by name")
    ] = "registry"
    evidence: Annotated[
        Evidence, Meta(description="How its identity was had, where the file itself does not name it")
    ] = ""
    namespace: Annotated[str, Meta(description="purl namespace where the name does not carry it")] = ""
    arch: str = ""
    source: Annotated[Source | None, Meta(description="What an OS package was built from")] = None
    distro: Annotated[Annotated[int, Meta(ge=0)] | None, Meta(description="Place in `distros`")] = None
    modularity: Annotated[str, Meta(description="rpm: `name:stream:version:context` of its module")] = ""
    dev: Annotated[bool, Meta(description="Only for development or tests")] = False
    optional: Annotated[bool, Meta(description="Only for some platforms or features")] = False
    not_installed: Annotated[
        bool, Meta(description="A lock file names it and the installed tree beside that file lacks it: never matched")
    ] = False
    licenses: Annotated[tuple[str, ...], _Many, Meta(description="As the package declares them")] = ()
    layer: Annotated[
        Annotated[int, Meta(ge=0)] | None, Meta(description="Place in `layers` of the one that brought it")
    ] = None
    owner: Annotated[
        str,
        Meta(description="purl of the OS package whose files these are; then the advisories of the distribution hold"),
    ] = ""


class ScanDocument(Struct, frozen=True, kw_only=True):
    """
    What one scan found. `partial` when anything was lost, and then `gaps` says what.

    `created` is RFC 3339 in UTC. Two scans of the same thing differ in `id` and `created` only.
    """

    schema: Literal["rightshift/scan/1"] = "rightshift/scan/1"
    id: Annotated[str, Meta(description="Of this scan")]
    created: Annotated[str, Meta(description="When it was made, RFC 3339 in UTC")]
    tool: Tool
    status: Literal["complete", "partial"]
    subject: Subject
    distro: Annotated[Distro | None, Meta(description="The distribution at the root")] = None
    distros: Annotated[tuple[Distro, ...], _Many, Meta(description="All that packages refer to by place")] = ()
    layers: Annotated[tuple[Layer, ...], _Many, Meta(description="Of an image, base first")] = ()
    packages: Annotated[tuple[Package, ...], _Many] = ()
    gaps: Annotated[tuple[Gap, ...], _Many, Meta(description="What could not be read")] = ()
    covered_elsewhere: Annotated[
        tuple[str, ...], _Many, Meta(description="`PATH: REASON` of what was left out since another scan covers it")
    ] = ()
    notes: Annotated[
        tuple[str, ...], _Many, Meta(description="What to know of how it was read, with nothing lost")
    ] = ()


class MalformedScanDocument(Malformed):
    """Not a scan document, or one beyond the limits."""


def of(subject: model.Subject, inventory: model.Inventory, *, created: str, id: str, catalogue: str) -> ScanDocument:
    """The document of one scan. Text that UTF-8 can't hold is made visible; see `text.valid`."""
    distros = {value: at for at, value in enumerate(dict.fromkeys(_distros(inventory)))}
    return ScanDocument(
        id=text.valid(id),
        created=created,
        tool=Tool("rightshift", __version__, catalogue),
        status="complete" if inventory.complete else "partial",
        subject=_subject(subject),
        distro=_distro(inventory.distro) if inventory.distro else None,
        distros=tuple(map(_distro, distros)),
        layers=tuple(
            Layer(text.valid(one.digest), text.valid(one.diff_id), one.size_bytes, text.valid(one.created_by))
            for one in inventory.layers
        ),
        packages=tuple(_package(one, distros, layered=bool(inventory.layers)) for one in inventory.packages),
        gaps=tuple(Gap(text.valid(one.path), text.valid(one.reason), text.valid(one.layer)) for one in inventory.gaps),
        covered_elsewhere=_all(inventory.covered_elsewhere),
        notes=_all(inventory.notes),
    )


def again(document: ScanDocument, subject: model.Subject, *, created: str, id: str) -> ScanDocument:
    """The document of another scan of the same content, under the name that was asked for this time."""
    return replace(document, id=text.valid(id), created=created, subject=_subject(subject))


def _subject(subject: model.Subject) -> Subject:
    return Subject(
        kind=subject.kind,
        name=text.valid(subject.name),
        id=text.valid(subject.id),
        aliases=_all(subject.aliases),
        tags=_all(subject.tags),
        architecture=text.valid(subject.architecture),
        os=text.valid(subject.os),
        created=text.valid(subject.created),
    )


def encode(document: ScanDocument, *, indent: int = 0) -> bytes:
    """UTF-8 JSON; `indent` in spaces, 0 for one line. The same document gives the same bytes."""
    return text.encode(document, indent)


def decode(content: bytes) -> ScanDocument:
    """
    A document of this or an older schema. Unknown fields are passed over.

    Raises: MalformedScanDocument; lift.UnknownSchema.
    """
    if len(content) > LIMIT_BYTES:
        raise MalformedScanDocument(f"a document of {len(content)} bytes is over the limit of {LIMIT_BYTES}")
    try:
        document = msgspec.json.decode(lift.lift(content, "scan"), type=ScanDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedScanDocument(f"not a scan document: {error}") from error
    for one in document.packages:
        if one.distro is not None and one.distro >= len(document.distros):
            raise MalformedScanDocument("not a scan document: a package names a distribution that is not listed")
    return document


def inventory(document: ScanDocument) -> model.Inventory:
    """The packages of a document in the words of `model`."""
    distros = [_modelled(one) for one in document.distros]
    return model.Inventory(
        packages=tuple(package(one, distros) for one in document.packages),
        gaps=tuple(model.Gap(one.path, one.reason, one.layer) for one in document.gaps),
        distro=_modelled(document.distro) if document.distro else None,
        layers=tuple(model.Layer(one.digest, one.diff_id, one.size_bytes, one.created_by) for one in document.layers),
        covered_elsewhere=document.covered_elsewhere,
        notes=document.notes,
    )


def subject(document: ScanDocument) -> model.Subject:
    """What was scanned, in the words of `model`."""
    one = document.subject
    return model.Subject(
        kind=one.kind,
        name=one.name,
        id=one.id,
        aliases=one.aliases,
        tags=one.tags,
        architecture=one.architecture,
        os=one.os,
        created=one.created,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema that is published beside this file."""
    made = msgspec.json.schema(ScanDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "The scan document", **made}


def package(one: Package, distros: list[packages.Distro]) -> packages.Package:
    """One package of a document in the words of `model`; `distros` are those of the document, in its order."""
    return packages.Package(
        ecosystem=one.ecosystem,
        name=one.name,
        version=one.version,
        state=one.state,
        origin=one.origin,
        evidence=one.evidence,
        namespace=one.namespace,
        arch=one.arch,
        source=packages.SourcePackage(one.source.name, one.source.version) if one.source else None,
        distro=None if one.distro is None else distros[one.distro],
        modularity=one.modularity,
        dev=one.dev,
        optional=one.optional,
        not_installed=one.not_installed,
        licenses=one.licenses,
        locations=one.locations,
        layer=one.layer,
        owner=one.owner,
    )


def _package(one: packages.Package, distros: dict[packages.Distro, int], *, layered: bool) -> Package:
    shown = one if _is_valid(one) else _cleaned(one)
    return Package(
        purl=shown.purl,
        name=shown.name,
        version=shown.version,
        ecosystem=shown.ecosystem,
        state=shown.state,
        locations=shown.locations,
        origin=shown.origin,
        evidence=shown.evidence,
        namespace=shown.namespace,
        arch=shown.arch,
        source=Source(shown.source.name, shown.source.version) if shown.source else None,
        distro=distros[one.distro] if one.distro else None,
        modularity=shown.modularity,
        dev=shown.dev,
        optional=shown.optional,
        not_installed=shown.not_installed,
        licenses=shown.licenses,
        layer=shown.layer if layered else None,
        owner=shown.owner,
    )


def _is_valid(one: packages.Package) -> bool:
    texts = [one.ecosystem, one.name, one.version, one.namespace, one.arch, one.modularity, one.owner]
    if one.source:
        texts += (one.source.name, one.source.version)
    if one.distro:
        texts += (one.distro.id, one.distro.version)
    return "".join((*texts, *one.licenses, *one.locations)).isascii()


def _cleaned(one: packages.Package) -> packages.Package:
    clean = text.valid
    return packages.Package(
        ecosystem=clean(one.ecosystem),
        name=clean(one.name),
        version=clean(one.version),
        state=one.state,
        origin=one.origin,
        evidence=one.evidence,
        namespace=clean(one.namespace),
        arch=clean(one.arch),
        source=one.source and packages.SourcePackage(clean(one.source.name), clean(one.source.version)),
        distro=one.distro and _modelled(_distro(one.distro)),
        modularity=clean(one.modularity),
        dev=one.dev,
        optional=one.optional,
        not_installed=one.not_installed,
        licenses=_all(one.licenses),
        locations=_all(one.locations),
        layer=one.layer,
        owner=clean(one.owner),
    )


def _distros(inventory: model.Inventory) -> Iterable[packages.Distro]:
    if inventory.distro:
        yield inventory.distro
    for one in inventory.packages:
        if one.distro:
            yield one.distro


def _distro(one: packages.Distro) -> Distro:
    clean = text.valid
    id, version, codename = clean(one.id), clean(one.version), clean(one.codename)
    return Distro(id, version, _all(one.like), codename, clean(one.name), clean(one.root))


def _modelled(one: Distro) -> packages.Distro:
    return packages.Distro(one.id, one.version, one.like, one.codename, one.name, one.root)


def _all(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(text.valid, texts))

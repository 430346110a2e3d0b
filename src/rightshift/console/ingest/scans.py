"""A scan document in: which asset it is about, what it holds, kept once. How a body is unpacked: `bodies`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from typing import Literal

import msgspec

from rightshift.console.store.facts import scans as store
from rightshift.console.store.facts.scans import Contents, Held, Kept, NewScan, Version
from rightshift.console.store.pool import Connection
from rightshift.console.store.scope import Scope
from rightshift.documents import scan as documents
from rightshift.documents.scan import Distro, Package, ScanDocument
from rightshift.errors import Malformed
from rightshift.feed.candidates import is_named

Format = Literal["rightshift", "cyclonedx", "spdx"]
KEY_BYTES = 1_000
"""Of what a scan is about; an index holds no more than 2,704."""
AHEAD = timedelta(minutes=10)
"""How far a scanner's clock may be ahead of ours; what says that it is from later counts as from now."""
_STATES = ("installed", "linked", "locked", "claimed")
"""Best proof first: of a package that is there in several ways the first holds."""


class RefusedScan(Malformed):
    """A document that can't be kept as it is, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Who sent it, as what, and which asset they say it is; empty where the document says so itself."""

    by: str
    asset: str = ""
    format: Format = "rightshift"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is kept of a document."""

    scan: NewScan
    contents: Contents


def prepare(document: ScanDocument, sent: Sent, now: datetime) -> Prepared:
    """
    What is kept of a document; the part of the work that needs no database.

    An image is known by the digest of its configuration. What has no identity of its own is known by the name that the
    sender gives, else by the one it was asked for. Raises: RefusedScan.
    """
    subject = document.subject
    key = _stored(subject.id if subject.kind == "image" and subject.id else sent.asset or subject.name)
    if not key.strip() or len(key.encode()) > KEY_BYTES:
        raise RefusedScan("the document does not say what was scanned: give a name, at most 1,000 bytes long")
    if not 0 < len(document.id) <= 200:
        raise RefusedScan("the document has no id of at most 200 characters")
    packages = _held(document)
    scan = NewScan(
        document=_stored(document.id),
        sent_by=sent.by,
        made=min(_time(document.created), now + AHEAD),
        format=sent.format,
        kind=subject.kind,
        key=key,
        name=_stored(sent.asset or subject.name),
        partial=document.status == "partial",
        tool=_stored(document.tool.name),
        tool_version=_stored(document.tool.version),
        catalogue=_stored(document.tool.catalogue),
        attributes=_json(
            {
                "name": sent.asset or subject.name,
                "aliases": subject.aliases,
                "names": subject.tags,
                "architecture": subject.architecture,
                "os": subject.os,
                "created": subject.created,
            }
        ),
        distro=_json(document.distro) if document.distro else None,
        layers=_json(document.layers),
        gaps=_json(document.gaps),
        covered=_json(document.covered_elsewhere),
        notes=_json(document.notes),
    )
    return Prepared(scan, Contents(digest=_digest(packages), packages=packages))


def decode(content: bytes) -> ScanDocument:
    """Raises: MalformedScanDocument; lift.UnknownSchema."""
    return documents.decode(content)


async def keep(connection: Connection, prepared: Prepared, scope: Scope, now: datetime) -> Kept:
    """Once it returns, the scan is kept for good. Raises: store.OtherDocument, store.NotTheirScan, psycopg.Error."""
    return await store.keep(connection, prepared.scan, prepared.contents, scope, now)


def _held(document: ScanDocument) -> tuple[Held, ...]:
    """Each version once, whatever number of ways it is there in; in the order of their keys."""
    distros = [_json(_without_root(one)) for one in document.distros]
    found: dict[bytes, Held] = {}
    for package in document.packages:
        held = _one(package, distros)
        before = found.get(held.version.key)
        found[held.version.key] = held if before is None else _both(before, held)
    return tuple(found[key] for key in sorted(found))


def _one(package: Package, distros: list[str]) -> Held:
    source = package.source
    distro = None if package.distro is None else distros[package.distro]
    judged = (
        package.ecosystem,
        package.name,
        package.version,
        package.namespace,
        package.arch,
        source.name if source else "",
        source.version if source else "",
        distro,
        package.modularity,
        is_named(package.owner, package.origin, not_installed=package.not_installed),
    )
    key = blake2b(msgspec.json.encode(judged), digest_size=16).digest()
    ecosystem, name, version, namespace, arch, source_name, source_version, _, modularity, matchable = judged
    return Held(
        version=Version(
            key=key,
            ecosystem=_stored(ecosystem),
            name=_stored(name),
            version=_stored(version),
            purl=_stored(package.purl),
            namespace=_stored(namespace),
            arch=_stored(arch),
            source_name=_stored(source_name),
            source_version=_stored(source_version),
            distro=distro,
            modularity=_stored(modularity),
            matchable=matchable,
        ),
        state=package.state,
        origin=package.origin,
        evidence=package.evidence,
        owner=_stored(package.owner),
        locations=tuple(map(_stored, package.locations)),
        licenses=tuple(map(_stored, package.licenses)),
        layer=None if package.layer is None else min(package.layer, 32_767),
        dev=package.dev,
        optional=package.optional,
    )


def _both(one: Held, other: Held) -> Held:
    best = min(one, other, key=lambda held: _STATES.index(held.state))
    layers = [held.layer for held in (one, other) if held.layer is not None]
    return Held(
        version=one.version,
        state=best.state,
        origin=best.origin,
        evidence=best.evidence,
        owner=best.owner,
        locations=_united(one.locations, other.locations),
        licenses=_united(one.licenses, other.licenses),
        layer=min(layers, default=None),
        dev=one.dev and other.dev,
        optional=one.optional and other.optional,
    )


def _united(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _digest(packages: Iterable[Held]) -> bytes:
    """Of all that an inventory says. Equal ones are kept once, whoever has them."""
    whole = sha256()
    for held in packages:
        said = [getattr(held, name) for name in Held.__slots__ if name != "version"]
        whole.update(held.version.key + msgspec.json.encode(said))
    return whole.digest()


def _without_root(distro: Distro) -> Distro:
    """Where it lies says nothing of what holds for its packages."""
    return msgspec.structs.replace(distro, root="")


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise RefusedScan("the document does not say when it was made, as RFC 3339 has it") from error


def _stored(text: str) -> str:
    """PostgreSQL's text holds everything but NUL."""
    return text.replace("\0", "\\0") if "\0" in text else text


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode().replace("\\u0000", "\\\\0")

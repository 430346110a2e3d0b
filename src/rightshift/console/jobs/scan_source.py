"""Scans what somebody asked for, and hands the document to `ingest`. What may be asked for: `console/wanted`."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rightshift.console.jobs.job import Job, Result, Running
from rightshift.console.store import progress
from rightshift.console.store.scope import EVERYTHING

if TYPE_CHECKING:
    from rightshift.console.ingest.scans import Prepared
    from rightshift.console.jobs.inside import Told
    from rightshift.console.store.facts.scans import Kept
    from rightshift.scan.run import Scanner
    from rightshift.source.options import Options
    from rightshift.tree.material import Material

DOCUMENT_BYTES = 1 << 30


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of a run. `trusted`: its writer may read this machine and reach private networks."""

    reference: str
    ecosystems: list[str] = []
    trusted: bool = False


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that scans is told; it writes the document into the descriptor `to`."""

    wanted: Wanted
    document: str
    cache: str
    to: int
    offline: bool
    certificates: str


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that stores is told; it reads the document from the descriptor `from_`."""

    from_: int
    url: str
    by: str
    asset: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a scan."""

    scan: str
    asset: str
    packages: int
    gaps: int


async def _run(running: Running) -> Result:
    """
    The document's id comes from the run's, so that a run that is done again stores nothing twice.

    What reads foreign files has no way to the database; what stores runs apart from it and at normal priority.
    """
    wanted = msgspec.json.decode(running.arguments, type=Wanted)
    document, config = running.id.hex, running.around.config
    if await progress.known_document(running.session, document):
        return {"scan": document}
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=config.home) as file:  # it has no name, so that nothing of it is ever left
        scan = Scan(
            wanted=wanted,
            document=document,
            cache=str(config.cache),
            to=file.fileno(),
            offline=config.offline,
            certificates=str(config.ca_file or ""),
        )
        asset = msgspec.json.decode(await running.child(f"{__name__}:scan", scan, fds=[file.fileno()]), type=str)
        keep = Keep(from_=file.fileno(), url=running.around.url, by=running.wished_by, asset=asset)
        given = await running.child(f"{__name__}:keep", keep, fds=[file.fileno()], priority="normal")
    outcome = msgspec.json.decode(given, type=Outcome)
    return msgspec.structs.asdict(outcome)


def scan(order: bytes, told: "Told") -> str:
    """In a process of its own: scans, writes the document, and gives the name that its subject is known by."""
    told_to = msgspec.json.decode(order, type=Scan)
    from rightshift.catalog import index as catalog_index
    from rightshift.scan.crew import Crew

    ecosystems = frozenset(told_to.wanted.ecosystems)
    with Crew(lambda: catalog_index.index(ecosystems)) as crew:  # before there is any thread
        from rightshift.scan.run import Options, Scanner

        asked = Options(ecosystems=ecosystems, cache=Path(told_to.cache), progress=told.doing)
        return _scan(told_to, Scanner(crew, asked), told)


def _scan(told_to: Scan, scanner: "Scanner", told: "Told") -> str:
    from rightshift.documents.scan import encode

    told.doing(f"Opening {told_to.wanted.reference}")
    material = _opened(told_to)
    try:
        created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        document = scanner.scan(material, created, told_to.document)
    finally:
        material.close()
    for note in document.notes[:100]:
        told.log(note)
    with os.fdopen(os.dup(told_to.to), "wb") as file:
        file.write(encode(document))
    told.log(f"{len(document.packages):,} packages, {len(document.gaps):,} gaps")
    return os.uname().nodename if document.subject.kind == "host" and told_to.wanted.reference == "host:" else ""


def _opened(told_to: Scan) -> "Material":
    from dataclasses import replace

    from rightshift.console import wanted
    from rightshift.errors import SourceError, UsageError
    from rightshift.source.open import open_reference

    text, trusted = told_to.wanted.reference, told_to.wanted.trusted
    if wanted.is_local(wanted.kind(text)) and not trusted:
        raise UsageError("Only an administrator may have this machine's files read")
    reference = wanted.reference(text)
    options = _options(told_to)
    if not told_to.offline or reference.kind not in ("image", "registry"):
        return open_reference(reference, options)
    for kind in ("docker", "podman", "containerd") if reference.kind == "image" else ():
        try:
            return open_reference(replace(reference, kind=kind), options)
        except SourceError:
            continue
    raise SourceError("It is in no store of this machine", means="RIGHTSHIFT_OFFLINE is on: no registry is asked")


def _options(told_to: Scan) -> "Options":
    """No credentials: those that lie in this machine's files are its owner's, not those of whoever asks."""
    from rightshift.source.options import Options

    return Options(
        public_only=not told_to.wanted.trusted,
        certificates=Path(told_to.certificates) if told_to.certificates else None,
        credentials=lambda _host, _repository: None,
    )


def keep(order: bytes, told: "Told") -> Outcome:
    """In a process of its own: stores the document. Raises: RightshiftError when it can't be stored as it is."""
    import asyncio

    from rightshift.console.ingest import scans
    from rightshift.errors import Malformed, UsageError

    told_to = msgspec.json.decode(order, type=Keep)
    told.doing("Storing")
    now = datetime.now(UTC)
    with os.fdopen(told_to.from_, "rb") as file:
        file.seek(0)
        content = file.read(DOCUMENT_BYTES)
    try:
        document = scans.decode(content)
        del content
        prepared = scans.prepare(document, scans.Sent(by=told_to.by, asset=told_to.asset), now)
    except Malformed as error:
        raise UsageError(f"What was found can't be stored: {error}") from error
    kept = asyncio.run(_keep(told_to.url, prepared, now))
    return Outcome(
        scan=document.id,
        asset=f"{kept.kind}:{kept.key}",
        packages=len(prepared.contents.packages),
        gaps=len(document.gaps),
    )


async def _keep(url: str, prepared: "Prepared", now: datetime) -> "Kept":
    import psycopg

    from rightshift.console.ingest import scans
    from rightshift.errors import RightshiftError

    try:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            return await scans.keep(connection, prepared, EVERYTHING, now)
    except psycopg.Error as error:
        raise RightshiftError(f"The database did not take it: {type(error).__name__}") from error


JOB = Job(name="scan_source", run=_run, timeout_s=2 * 3_600)

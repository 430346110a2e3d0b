"""Documents from scanners and sensors: taken whole and once, or refused. What is kept of them: `ingest`."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import randbelow
from typing import Annotated, Any

import psycopg
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Operation
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api.examples import documents
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.ingest import bodies, facts, sboms, scans
from rightshift.console.ingest.bodies import MIB, BodyError, Limits, Room
from rightshift.console.ingest.facts import Answer, NotTheirs
from rightshift.console.ingest.scans import Sent
from rightshift.console.ingest.turns import Busy, Turns
from rightshift.console.store.facts.scans import NotTheirScan, OtherDocument
from rightshift.console.store.pool import Pool
from rightshift.errors import Malformed

SCANS = Limits(sent=96 * MIB, unpacked=96 * MIB)
"""A host with 100,000 packages has 40 MB, packed 4."""
FACTS = Limits(sent=8 * MIB, unpacked=32 * MIB)
"""What `documents/facts` takes; the largest host that was thought of has 27 MB, packed 2."""
ROOM = Room(384 * MIB)
TURNS = Turns()
AGAIN_S = (2, 30)
"""Between these, for each another time: who came together after an outage would come back together, again and again."""
_LOG = logging.getLogger("rightshift.ingest")


class Taken(Struct, frozen=True, kw_only=True):
    """A scan that is kept. `new` is false when the same document was kept before, and then nothing changed."""

    scan: Annotated[str, Meta(description="The document's id")]
    asset: Annotated[str, Meta(description="`KIND:KEY` of what was scanned")]
    inventory: Annotated[str, Meta(description="SHA-256 of what was found in it")]
    packages: int
    new: bool


@dataclass
class ScanBody(Operation):
    """The description of a scan's body, which the route reads by itself."""

    def __post_init__(self) -> None:
        """Adds the body."""
        self.request_body = documents(
            {"application/json": _SCAN, "application/vnd.cyclonedx+json": _CYCLONEDX, "application/spdx+json": _SPDX}
        )


@dataclass
class FactsBody(Operation):
    """The description of a facts document's body."""

    def __post_init__(self) -> None:
        """Adds the body."""
        self.request_body = documents({"application/json": _FACTS})


@post(
    "/ingest/scans",
    guards=[Requires(Permission.SCANS_WRITE)],
    operation_class=ScanBody,
    tags=["ingest"],
    summary="Send a scan document",
    status_code=201,
    request_max_body_size=SCANS.sent + 1,
    responses={200: ResponseSpec(Taken, description="It was kept before"), **refusals(409, 413, 415)},
)
async def take_scan(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    asset: Annotated[
        str | None,
        QueryParameter(description="What was scanned, where the document has no id: a name, or `image:DIGEST`"),
    ] = None,
) -> Response[Taken]:
    """
    Keeps a scan document of `rightshift scan --json`, or CycloneDX or SPDX in JSON of any other tool.

    It may be packed with zstd or gzip, as Content-Encoding says.

    201 when it is new, 200 when the same document was kept before. Once answered, it is kept for good.
    """
    sent = Sent(by=request.user.name, asset=asset or "")
    async with _taking(request, SCANS) as content:
        try:
            kind = sboms.kind_of(request.headers.get("content-type", ""), content)
        except sboms.UnknownType as error:
            raise HTTPException(status_code=415, detail="Send JSON: a scan document, CycloneDX or SPDX") from error
        if kind == "rightshift":
            document = await TURNS.work(len(content), lambda: scans.decode(content))
        else:
            sent = replace(sent, format=kind)
            async with TURNS.large():
                document = await sboms.read(sboms.bill(content, kind, sent.asset, now))
        prepared = await TURNS.work(len(content), lambda: scans.prepare(document, sent, now))
        async with TURNS.turn(), pool.connection() as connection:
            try:
                kept = await scans.keep(connection, prepared, request.user.scope, now)
            except NotTheirScan as error:
                raise PermissionDeniedException("What was scanned is not your team's") from error
            except OtherDocument as error:
                what = "A scan of this id was kept before, and says something else"
                raise HTTPException(status_code=409, detail=what) from error
            except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
                what = "Something in it is too long or too large to be kept"
                raise HTTPException(status_code=400, detail=what) from error
    taken = Taken(
        scan=prepared.scan.document,
        asset=f"{kept.kind}:{kept.key}",
        inventory=f"sha256:{kept.digest.hex()}",
        packages=len(prepared.contents.packages),
        new=kept.new,
    )
    return Response(taken, status_code=201 if kept.new else 200)


@post(
    "/ingest/facts",
    guards=[Requires(Permission.FACTS_WRITE)],
    operation_class=FactsBody,
    tags=["ingest"],
    summary="Send what a sensor saw",
    status_code=200,
    request_max_body_size=FACTS.sent + 1,
    responses=refusals(413, 415),
)
async def take_facts(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], now: NamedDependency[datetime]
) -> Answer:
    """
    Keeps a facts document of the reporter whose credential this is; packed with zstd or gzip, as Content-Encoding says.

    A document that was sent before is not taken again, and that is no error. Once answered, it is kept for good.
    """
    if request.user.kind != "sensor" or request.user.reporter is None:
        raise PermissionDeniedException("Facts come from enrolled reporters alone")
    async with _taking(request, FACTS) as content:
        prepared = await TURNS.work(len(content), lambda: facts.prepare(facts.decode(content), now))
        try:
            async with TURNS.turn(), pool.connection() as connection:
                return await facts.keep(connection, request.user.reporter, prepared, now)
        except NotTheirs as error:
            _LOG.warning("facts of another", extra={"reporter": request.user.reporter, "address": request.user.address})
            raise PermissionDeniedException(str(error)) from error


@asynccontextmanager
async def _taking(request: Request[Actor, Any, Any], limits: Limits) -> AsyncIterator[bytes]:
    """The body of a request, as long as it is worked on. What goes wrong meanwhile is answered."""
    encoding = request.headers.get("content-encoding", "")
    again = {"Retry-After": str(AGAIN_S[0] + randbelow(AGAIN_S[1] - AGAIN_S[0] + 1))}
    try:
        TURNS.look()
        with ROOM.share() as share:
            yield await bodies.read(request.stream(), encoding, limits, share)
    except Busy as error:
        what = "Too many documents at once; send it again"
        raise HTTPException(status_code=429, detail=what, headers=again) from error
    except BodyError as error:
        headers = again if error.status == 429 else None
        raise HTTPException(status_code=error.status, detail=error.what, headers=headers) from error
    except Malformed as error:
        raise HTTPException(status_code=400, detail=str(error)) from error


_SCAN = {
    "schema": "rightshift/scan/1",
    "id": "0197a1f0-5c3e",
    "created": "2026-01-05T12:00:00Z",
    "tool": {"name": "rightshift", "version": "0.1.0", "catalogue": "1"},
    "status": "complete",
    "subject": {"kind": "image", "name": "nginx:1.27", "id": "sha256:" + "5d" * 32},
    "packages": [
        {
            "purl": "pkg:npm/left-pad@1.3.0",
            "name": "left-pad",
            "version": "1.3.0",
            "ecosystem": "npm",
            "state": "locked",
            "locations": ["app/package-lock.json"],
        }
    ],
}
_CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {"component": {"type": "application", "name": "shop"}},
    "components": [{"type": "library", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0"}],
}
_SPDX = {
    "spdxVersion": "SPDX-2.3",
    "name": "shop",
    "packages": [
        {
            "name": "left-pad",
            "versionInfo": "1.3.0",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/left-pad@1.3.0"}],
        }
    ],
}
_FACTS = {
    "schema": "rightshift/facts/1",
    "reporter": "5d41402abc4b2a76b9719d911017c592",
    "epoch": "7d793037a0760186574b0282f2f435e7",
    "sequence": 1,
    "kind": "full",
    "tool": {"name": "rightshift", "version": "0.1.0"},
    "boot": "9e107d9d372bb6826bd81d3542a419d6",
    "clock_ms": 1_767_614_400_000,
    "from_ms": 1_767_614_390_000,
    "to_ms": 1_767_614_400_000,
    "assets": [
        {"kind": "host", "key": "5d41402abc4b2a76b9719d911017c592", "name": "web-1.example", "state": "running"}
    ],
}
EXAMPLES = (
    Taken(
        scan="0197a1f0-5c3e", asset="image:sha256:" + "5d" * 32, inventory="sha256:" + "9f" * 32, packages=141, new=True
    ),
    Answer(taken=True, want=None),
)

ROUTES = (take_scan, take_facts)

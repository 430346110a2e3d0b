"""Documents from scanners and sensors: taken whole and once, or refused. What is kept of them: `ingest`."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, TypeVar

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, PermissionDeniedException
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.ingest import bodies, facts, scans
from rightshift.console.ingest.bodies import MIB, BodyError, Limits
from rightshift.console.ingest.facts import Answer, NotTheirs
from rightshift.console.ingest.scans import Sent
from rightshift.console.store.facts.scans import OtherDocument
from rightshift.console.store.pool import Pool
from rightshift.errors import Malformed

SCANS = Limits(sent=64 * MIB, unpacked=256 * MIB)
"""A host with 100,000 packages has 40 MB, packed 4."""
FACTS = Limits(sent=8 * MIB, unpacked=32 * MIB)
"""What `documents/facts` takes; the largest host that was thought of has 27 MB, packed 2."""
LARGE_BYTES = 4 * MIB
AT_ONCE = 4
"""Documents under way in this process; who comes beyond that is asked to come again."""
AGAIN_S = 2
_LOG = logging.getLogger("rightshift.ingest")
_T = TypeVar("_T")


class Taken(Struct, frozen=True, kw_only=True):
    """A scan that is kept. `new` is false when the same document was kept before, and then nothing changed."""

    scan: Annotated[str, Meta(description="The document's id")]
    asset: Annotated[str, Meta(description="`KIND:KEY` of what was scanned")]
    inventory: Annotated[str, Meta(description="SHA-256 of what was found in it")]
    packages: int
    new: bool


@post(
    "/ingest/scans",
    guards=[Requires(Permission.SCANS_WRITE)],
    tags=["ingest"],
    summary="Send a scan document",
    status_code=201,
    request_max_body_size=SCANS.sent + 1,
)
async def take_scan(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    asset: Annotated[str | None, QueryParameter(description="What was scanned, where the document has no id")] = None,
) -> Response[Taken]:
    """
    Keeps a scan document of `rightshift scan --json`; packed with zstd or gzip, as Content-Encoding says.

    201 when it is new, 200 when the same document was kept before. Once answered, it is kept for good.
    """
    async with _turn():
        content = await _body(request, SCANS)
        sent = Sent(by=request.user.name, asset=asset or "")
        try:
            document = await _aside(len(content), lambda: scans.decode(content))
            prepared = await _aside(len(content), lambda: scans.prepare(document, sent, now))
        except Malformed as error:
            raise HTTPException(status_code=400, detail=str(error)) from error
        async with pool.connection() as connection:
            try:
                kept = await scans.keep(connection, prepared, now)
            except OtherDocument as error:
                what = "A scan of this id was kept before, and says something else"
                raise HTTPException(status_code=409, detail=what) from error
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
    tags=["ingest"],
    summary="Send what a sensor saw",
    status_code=200,
    request_max_body_size=FACTS.sent + 1,
)
async def take_facts(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], now: NamedDependency[datetime]
) -> Answer:
    """
    Keeps a facts document of the reporter whose credential this is; packed with zstd or gzip, as Content-Encoding says.

    A document that was sent before is not taken again, and that is no error. Once answered, it is kept for good.
    """
    if request.user.reporter is None:
        raise PermissionDeniedException("Facts come from enrolled reporters alone")
    async with _turn():
        content = await _body(request, FACTS)
        try:
            prepared = await _aside(len(content), lambda: facts.prepare(facts.decode(content), now))
            async with pool.connection() as connection:
                return await facts.keep(connection, request.user.reporter, prepared, now)
        except Malformed as error:
            raise HTTPException(status_code=400, detail=str(error)) from error
        except NotTheirs as error:
            _LOG.warning("facts of another", extra={"reporter": request.user.reporter, "address": request.user.address})
            raise PermissionDeniedException(str(error)) from error


_under_way = 0


@asynccontextmanager
async def _turn() -> AsyncIterator[None]:
    """One of the few that are read at once, before anything of the body is. Raises: HTTPException (429)."""
    global _under_way
    if _under_way >= AT_ONCE:
        headers = {"Retry-After": str(AGAIN_S)}
        raise HTTPException(status_code=429, detail="Too many documents at once; send it again", headers=headers)
    _under_way += 1
    try:
        yield
    finally:
        _under_way -= 1


async def _body(request: Request[Actor, Any, Any], limits: Limits) -> bytes:
    try:
        return await bodies.read(request.stream(), request.headers.get("content-encoding", ""), limits)
    except BodyError as error:
        raise HTTPException(status_code=error.status, detail=error.what) from error


async def _aside(size: int, work: Callable[[], _T]) -> _T:
    """Large work is done in a thread, so that others are answered meanwhile."""
    return await asyncio.to_thread(work) if size > LARGE_BYTES else work()


ROUTES = (take_scan, take_facts)

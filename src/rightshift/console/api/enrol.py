"""A sensor gets its own credential for an enrolment token, and later a new one for that. What it sends: `ingest`."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import JSONBody
from msgspec import Meta, Struct

from rightshift.console.api.names import PRINTED
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth import enrolment
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store.pool import Pool


class Enrolment(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Who wants in."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED, description="Shown to people")]
    kind: Literal["sensor", "kubernetes", "cloud"] = "sensor"


class Enrolled(Struct, frozen=True, kw_only=True):
    """A reporter and its credential, which is shown this once."""

    reporter: Annotated[str, Meta(description="What its documents name as reporter; a sensor's host has this key")]
    credential: str
    id: Annotated[UUID, Meta(description="Of the credential, to revoke it as a token")]
    expires: datetime


@post("/enrol", guards=[Requires(Permission.ENROL)], tags=["ingest"], summary="Enrol a sensor", responses=refusals())
async def enrol(
    request: Request[Actor, Any, Any],
    data: JSONBody[Enrolment],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Enrolled:
    """Makes a reporter with an id of its own, and the only credential that may bring its facts."""
    async with pool.connection() as connection:
        given = await enrolment.enrol(connection, request.user, data.name, data.kind, now)
    if given is None:
        raise PermissionDeniedException("The enrolment token was used as often as it may be")
    return _shown(given)


@post(
    "/enrol/renew",
    guards=[Requires(Permission.FACTS_WRITE), known],
    tags=["ingest"],
    summary="Renew a sensor's credential",
    responses=refusals(),
)
async def renew(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], now: NamedDependency[datetime]
) -> Enrolled:
    """
    Gives a sensor a new credential for the one that it shows.

    The old one holds until the new one is shown first and a minute longer, or 24 hours where that never happens. Only
    until then it may ask again. Whoever stole it can't renew it afterwards.
    """
    if request.user.kind != "sensor":
        raise PermissionDeniedException("Only an enrolled sensor has a credential to renew")
    async with pool.connection() as connection:
        given = await enrolment.renew(connection, request.user, now)
    if given is None:
        raise PermissionDeniedException("Another credential took the place of this one: enrol again if you lost it")
    return _shown(given)


def _shown(given: enrolment.Given) -> Enrolled:
    return Enrolled(reporter=given.reporter, credential=given.secret, id=given.id, expires=given.expires)


EXAMPLES = (
    Enrolment(name="web-1.example"),
    Enrolled(
        reporter="5d41402abc4b2a76b9719d911017c592",
        credential="rs_s_2Qm0rQ0c9h1xq7wTf0aJp5sZb8UeYk3vV2m0rQ0c9h1xExamp",
        id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c31"),
        expires=datetime(2031, 1, 4, 12, tzinfo=UTC),
    ),
)

ROUTES = (enrol, renew)

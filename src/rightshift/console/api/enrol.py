"""A sensor gets its own credential for an enrolment token. What it then sends: `ingest`; such tokens: `tokens`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import JSONBody
from msgspec import Meta, Struct

from rightshift.console.api.names import PRINTED
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.store import audit, identities
from rightshift.console.store.identities import NewToken
from rightshift.console.store.pool import Pool

HOLDS = timedelta(days=5 * 365)
"""A sensor nobody looks at must not fall silent; it is revoked, not forgotten."""
MAY = (Permission.FACTS_WRITE, Permission.SCANS_WRITE)


class Enrolment(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Who wants in."""

    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED, description="Shown to people")]
    kind: Literal["sensor", "kubernetes", "cloud"] = "sensor"


class Enrolled(Struct, frozen=True, kw_only=True):
    """A new reporter. `credential` is shown this once."""

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
    actor = request.user
    secret, key, expires = made("sensor"), uuid4().hex, now + HOLDS
    async with pool.connection() as connection, connection.transaction():
        if actor.token is None or not await identities.use_up(connection, actor.token, now):
            raise PermissionDeniedException("The enrolment token was used as often as it may be")
        reporter = await identities.add_reporter(connection, key, data.kind, data.name)
        kept = NewToken(
            kind="sensor",
            name=data.name,
            hash=hashed(secret),
            hint=secret[-4:],
            expires=expires,
            by=actor.name,
            permissions=MAY if data.kind == "sensor" else MAY[:1],
            reporter=reporter,
        )
        id = await identities.add_token(connection, kept, now)
        after = {"name": data.name, "kind": data.kind, "credential": str(id)}
        await audit.add(connection, line(actor, "sensors.enrol", key, after=after), now)
    return Enrolled(reporter=key, credential=secret, id=id, expires=expires)


EXAMPLES = (
    Enrolment(name="web-1.example"),
    Enrolled(
        reporter="5d41402abc4b2a76b9719d911017c592",
        credential="rs_s_2Qm0rQ0c9h1xq7wTf0aJp5sZb8UeYk3vV2m0rQ0c9h1xExamp",
        id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c31"),
        expires=datetime(2031, 1, 4, 12, tzinfo=UTC),
    ),
)

ROUTES = (enrol,)

"""Tokens that programs show: a person's own, those of services, and those that enrol sensors. Sessions: `session`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from rightshift.console.api.names import PRINTED
from rightshift.console.api.pages import After, Limit, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import NEVER_OF_TOKENS, Actor, Permission, Requires
from rightshift.console.auth.secrets import hashed, made
from rightshift.console.store import audit, identities
from rightshift.console.store.audit import Line
from rightshift.console.store.identities import NewToken as Kept
from rightshift.console.store.identities import TokenLine, Whose
from rightshift.console.store.pool import Pool
from rightshift.console.store.scope import Scope

MOST_DAYS = 366
_HINT = 4


class NewToken(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a token is for. One's own gets one's own permissions where none are named, but for those no token has."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=PRINTED)]
    kind: Literal["person", "service", "enrolment"] = "person"
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS, description="How long it holds")] = 90
    permissions: Annotated[list[Permission], Meta(max_length=100)] = []
    teams: Annotated[
        Annotated[list[UUID], Meta(max_length=1_000)] | None, Meta(description="Null is all that the maker sees")
    ] = None
    uses: Annotated[Annotated[int, Meta(ge=1, le=100_000)] | None, Meta(description="Of an enrolment token")] = None


class TokenMade(Struct, frozen=True, kw_only=True):
    """A new token. `secret` is shown this once."""

    id: UUID
    secret: str
    expires: datetime


class Token(Struct, frozen=True, kw_only=True):
    """A token as it is kept: all but its secret, of which there are the last four characters."""

    id: UUID
    kind: str
    name: str
    hint: str
    permissions: list[str]
    teams: list[UUID] | None
    created: datetime
    created_by: str
    expires: datetime
    used: datetime | None
    revoked: datetime | None


class Tokens(Struct, frozen=True):
    """A page of tokens, the newest first."""

    items: list[Token]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class _Made(NamedTuple):
    at: datetime
    id: UUID


@get(
    "/tokens",
    guards=[Requires(Permission.TOKENS_OWN), known],
    tags=["tokens"],
    summary="List tokens",
    responses=refusals(),
)
async def list_tokens(
    request: Request[Actor, Any, Any], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Tokens:
    """One's own tokens; for administrators all that see no more than they do."""
    begin = place(after, _Made)
    async with pool.connection() as connection:
        found = await identities.tokens(connection, _whose(request.user), after=begin, limit=limit + 1)
    shown, following = cut(found, limit, lambda one: (one.created, one.id))
    return Tokens([_shown(one) for one in shown], following)


@post(
    "/tokens",
    guards=[Requires(Permission.TOKENS_OWN), known],
    tags=["tokens"],
    summary="Make a token",
    status_code=201,
    responses=refusals(),
)
async def make_token(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewToken],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> TokenMade:
    """Makes a token that may do and see no more than its maker; those of services and sensors only as administrator."""
    actor = request.user
    permissions, scope = _permissions(actor, data), _scope(actor, data)
    secret = made(data.kind)
    expires = now + timedelta(days=data.days)
    kept = Kept(
        kind=data.kind,
        name=data.name,
        hash=hashed(secret),
        hint=secret[-_HINT:],
        expires=expires,
        by=actor.name,
        permissions=tuple(sorted(permissions)),
        scope=scope,
        person=actor.person if data.kind == "person" else None,
        uses_left=data.uses,
    )
    after = {"kind": data.kind, "name": data.name, "permissions": sorted(permissions), "expires": expires.isoformat()}
    async with pool.connection() as connection, connection.transaction():
        id = await identities.add_token(connection, kept, now)
        await audit.add(connection, _line(actor, "tokens.make", str(id), after), now)
    return TokenMade(id=id, secret=secret, expires=expires)


@delete(
    "/tokens/{token:uuid}",
    guards=[Requires(Permission.TOKENS_OWN), known],
    tags=["tokens"],
    summary="Revoke a token",
    responses=refusals(404),
)
async def revoke_token(
    request: Request[Actor, Any, Any],
    token: FromPath[UUID],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """It holds no longer, at once. One's own; for administrators any that sees no more than they do."""
    async with pool.connection() as connection, connection.transaction():
        name = await identities.revoke_token(connection, token, now, _whose(request.user))
        if name is None:
            raise NotFoundException("There is no such token, or it was revoked before")
        await audit.add(connection, _line(request.user, "tokens.revoke", str(token), {"name": name}), now)


def _whose(actor: Actor) -> Whose:
    """Administrators look after others' tokens too, within what they see."""
    return Whose(None, actor.scope) if Permission.TOKENS_WRITE in actor.permissions else Whose(actor.person)


def _shown(kept: TokenLine) -> Token:
    return Token(
        id=kept.id,
        kind=kept.kind,
        name=kept.name,
        hint=kept.hint,
        permissions=list(kept.permissions),
        teams=None if kept.teams is None else list(kept.teams),
        created=kept.created,
        created_by=kept.created_by,
        expires=kept.expires,
        used=kept.used,
        revoked=kept.revoked,
    )


def _permissions(actor: Actor, data: NewToken) -> frozenset[Permission]:
    if data.kind != "person" and Permission.TOKENS_WRITE not in actor.permissions:
        raise PermissionDeniedException(f"This needs the permission {Permission.TOKENS_WRITE}")
    if data.kind == "enrolment":
        if data.permissions:
            raise HTTPException(status_code=400, detail="An enrolment token enrols sensors and does nothing else")
        return frozenset({Permission.ENROL})
    may = actor.permissions - NEVER_OF_TOKENS
    wanted = frozenset(data.permissions)
    if data.kind == "service" and not wanted:
        raise HTTPException(status_code=400, detail="Name the permissions that the service needs")
    if beyond := sorted(wanted - may):
        raise PermissionDeniedException(f"A token of yours can't have {', '.join(beyond)}")
    return wanted or may


def _scope(actor: Actor, data: NewToken) -> Scope:
    if data.teams is None:
        return actor.scope
    wanted = frozenset(data.teams)
    if actor.scope.teams is not None and wanted - actor.scope.teams:
        raise PermissionDeniedException("A token of yours can't see more than you do")
    return Scope(wanted)


def _line(actor: Actor, action: str, target: str, after: audit.Values) -> Line:
    return Line(
        actor=actor.name, actor_kind=actor.kind, action=action, target=target, address=actor.address, after=after
    )


EXAMPLES = (
    NewToken(name="the pipeline of the shop", kind="person", days=90, permissions=[Permission.FINDINGS_READ]),
    TokenMade(
        id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c81"),
        secret="rs_p_2Qm0rQ0c9h1xq7wTf0aJp5sZb8UeYk3vV2m0rQ0c9h1xExamp",  # noqa: S106
        expires=datetime(2026, 4, 5, 12, tzinfo=UTC),
    ),
    Tokens(
        [
            Token(
                id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c81"),
                kind="person",
                name="the pipeline of the shop",
                hint="9h1x",
                permissions=["findings:read"],
                teams=None,
                created=datetime(2026, 1, 5, 12, tzinfo=UTC),
                created_by="vera",
                expires=datetime(2026, 4, 5, 12, tzinfo=UTC),
                used=None,
                revoked=None,
            )
        ],
        None,
    ),
)

ROUTES = (list_tokens, make_token, revoke_token)

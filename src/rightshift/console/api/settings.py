"""What administrators set for everybody: second factors, how long things are kept. Providers: `identity_providers`."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import JSONBody
from msgspec import Meta, Struct, json, to_builtins

from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import changed, etag, expected
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit, settings
from rightshift.console.store.pool import Connection, Pool

Days = Annotated[int, Meta(ge=1, le=36_500)]


class SecondFactorPolicy(Struct, forbid_unknown_fields=True, frozen=True):
    """Who needs a second factor. Where somebody has none they may set one up, and nothing before that."""

    required: Literal["nobody", "admins", "everybody"] = "nobody"


class Retention(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How many days things are kept after they ended or were last seen."""

    facts: Days = 30
    scans: Annotated[int, Meta(ge=1, le=36_500, description="But for the newest of each asset")] = 180
    events: Days = 180
    jobs: Days = 30


_T = TypeVar("_T", SecondFactorPolicy, Retention)
_MAY_READ, _MAY_WRITE = Requires(Permission.SETTINGS_READ), Requires(Permission.SETTINGS_WRITE)


@get(
    "/settings/mfa",
    guards=[_MAY_READ, known],
    tags=["settings"],
    summary="Who needs a second factor",
    responses=refusals(),
)
async def show_mfa(pool: NamedDependency[Pool]) -> Response[SecondFactorPolicy]:
    """The policy; the ETag is what a change is sent with."""
    async with pool.connection() as connection:
        return await _shown(connection, "mfa", SecondFactorPolicy)


@put(
    "/settings/mfa",
    guards=[_MAY_WRITE],
    tags=["settings"],
    summary="Require a second factor",
    responses=refusals(412, 428),
)
async def set_mfa(
    request: Request[Actor, Any, Any],
    data: JSONBody[SecondFactorPolicy],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[SecondFactorPolicy]:
    """Holds at once, for open sessions and for tokens of people too."""
    return await _put(request, pool, "mfa", data, now)


@get(
    "/settings/retention",
    guards=[_MAY_READ, known],
    tags=["settings"],
    summary="How long things are kept",
    responses=refusals(),
)
async def show_retention(pool: NamedDependency[Pool]) -> Response[Retention]:
    """Days by what is kept; the ETag is what a change is sent with."""
    async with pool.connection() as connection:
        return await _shown(connection, "retention", Retention)


@put(
    "/settings/retention",
    guards=[_MAY_WRITE],
    tags=["settings"],
    summary="Set how long things are kept",
    responses=refusals(412, 428),
)
async def set_retention(
    request: Request[Actor, Any, Any],
    data: JSONBody[Retention],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Response[Retention]:
    """Holds from the next run of the job that removes things."""
    return await _put(request, pool, "retention", data, now)


async def _shown(connection: Connection, name: str, kind: type[_T]) -> Response[_T]:
    value, version = await _read(connection, name, kind)
    return Response(value, headers=etag(version))


async def _read(connection: Connection, name: str, kind: type[_T]) -> tuple[_T, int]:
    found = await settings.one(connection, name)
    return (json.decode(found[0], type=kind), found[1]) if found else (kind(), 0)


async def _put(request: Request[Actor, Any, Any], pool: Pool, name: str, value: _T, now: datetime) -> Response[_T]:
    if request.user.scope.teams is not None:
        raise PermissionDeniedException("What holds for everybody is set by administrators who see everything")
    version = expected(request)
    async with pool.connection() as connection, connection.transaction():
        before, _ = await _read(connection, name, type(value))
        made = await settings.put(connection, name, version, json.encode(value))
        if made is None:
            raise changed()
        said = line(request.user, "settings.change", name, to_builtins(before), to_builtins(value))
        await audit.add(connection, said, now)
    return Response(value, headers=etag(made))


EXAMPLES = (SecondFactorPolicy(required="admins"), Retention(facts=30, scans=180, events=180, jobs=30))

ROUTES = (show_mfa, set_mfa, show_retention, set_retention)

"""Accepted risks: findings that somebody decided to live with, for a reason and until a day. Vendors' words: `vex`."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException, ValidationException
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files
from rightshift.console.api.names import END
from rightshift.console.api.pages import After, Limit, known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import acceptances
from rightshift.console.store.read.acceptances import Acceptance
from rightshift.console.store.wishes import acceptances as wishes

MOST_DAYS = 366
_LINE = f"^[^\x00-\x1f\x7f]*{END}"
_Name = Annotated[str, Meta(max_length=300, pattern=_LINE)]


class NewAcceptance(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Either a finding, or what findings have in common: an advisory, and a package or unit where it is not any."""

    finding: Annotated[UUID | None, Meta(description="Its unit, package and advisory are taken")] = None
    advisory: Annotated[_Name, Meta(description="Any alias")] = ""
    package: _Name = ""
    ecosystem: _Name = ""
    unit: Annotated[
        _Name, Meta(description="A name, NAMESPACE/NAME or an image's repository; `*` and `?` stand for any")
    ] = ""
    reason: Annotated[str, Meta(min_length=10, max_length=2_000, pattern=f"^[^\x00]*{END}")]
    until: Annotated[date, Meta(description="Last day on which the risk is accepted, UTC; at most 366 days ahead")]


class Acceptances(Struct, frozen=True):
    """Accepted risks, the first to end first."""

    items: list[Acceptance]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class _Place(NamedTuple):
    until: date
    id: UUID


_LIST = files.Rows("acceptances", Acceptance, _Place, lambda row: _Place(row.until, row.id))


@get(
    "/acceptances",
    guards=[Requires(Permission.FINDINGS_READ), known],
    tags=["acceptances"],
    summary="List accepted risks",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_acceptances(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    ended: Annotated[bool, QueryParameter(description="Also those that ended")] = False,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Acceptances]:
    """Accepted risks of the caller's teams, and those that decide on something in their scope."""
    scope, today = request.user.scope, now.astimezone(UTC).date()

    async def ask(connection: Connection, last: _Place | None, most: int) -> list[Acceptance]:
        return await acceptances.page(connection, scope, today=today, ended=ended, limit=most, after=last)

    return await files.answer(request, pool, now, _LIST, ask, Acceptances, limit=limit, after=after, format=format)


@get(
    "/acceptances/{acceptance:uuid}",
    guards=[Requires(Permission.FINDINGS_READ), known],
    tags=["acceptances"],
    summary="Read an accepted risk",
    responses=refusals(404),
)
async def read_acceptance(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    acceptance: FromPath[UUID],
) -> Acceptance:
    """One accepted risk, ended or not."""
    async with pool.connection() as connection:
        found = await acceptances.one(connection, request.user.scope, acceptance, today=now.astimezone(UTC).date())
    if found is None:
        raise NotFoundException("There is no such accepted risk")
    return found


@post(
    "/acceptances",
    guards=[Requires(Permission.FINDINGS_ACCEPT), known],
    tags=["acceptances"],
    summary="Accept a risk",
    status_code=201,
    responses=refusals(404, 413),
)
async def accept(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewAcceptance],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> Acceptance:
    """
    Accepts a risk in the caller's name, within the caller's scope; its findings are open again the day after `until`.

    It means whatever fits, now and later: a rebuilt image and a restarted workload are the same.
    """
    actor, today = request.user, now.astimezone(UTC).date()
    if not 0 <= (data.until - today).days <= MOST_DAYS:
        raise ValidationException(f"`until` is a day from today to {MOST_DAYS} days ahead")
    async with pool.connection() as connection, connection.transaction():
        wish = await _wish(connection, actor, data)
        id = await wishes.accept(connection, wish, actor.scope, now)
        after = {
            "advisory": wish.advisory,
            "package": wish.package,
            "ecosystem": wish.ecosystem,
            "unit": wish.unit,
            "reason": wish.reason,
            "until": wish.until.isoformat(),
        }
        await audit.add(connection, _line(actor, "acceptances.add", str(id), after), now)
        made = await acceptances.one(connection, actor.scope, id, today=today)
    if made is None:  # somebody in no team, whose scope is nothing
        raise NotFoundException("There is nothing in your scope")
    return made


@delete(
    "/acceptances/{acceptance:uuid}",
    guards=[Requires(Permission.FINDINGS_ACCEPT), known],
    tags=["acceptances"],
    summary="End an accepted risk",
    responses=refusals(404),
)
async def end(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    acceptance: FromPath[UUID],
) -> None:
    """Its findings are open again at once. What also holds outside of the caller's scope is not the caller's to end."""
    async with pool.connection() as connection, connection.transaction():
        ended = await wishes.end(connection, request.user.scope, acceptance, now)
        if ended is None:
            raise NotFoundException("There is no such accepted risk of yours, or it ended before")
        before = dict(zip(("advisory", "package", "unit"), ended, strict=True))
        await audit.add(connection, _line(request.user, "acceptances.end", str(acceptance), None, before), now)


async def _wish(connection: Connection, actor: Actor, data: NewAcceptance) -> wishes.Acceptance:
    named = (data.advisory, data.package, data.ecosystem, data.unit)
    if data.finding is not None:
        if any(named):
            raise ValidationException("Give a finding, or what findings have in common: not both")
        about = await acceptances.about(connection, actor.scope, data.finding)
        if about is None:
            raise NotFoundException("There is no such finding")
        named = (about.advisory, about.package, about.ecosystem, about.unit)
    advisory, package, ecosystem, unit = (one.strip() for one in named)
    if not advisory:
        raise ValidationException("Give a `finding`, or an `advisory`")
    return wishes.Acceptance(
        unit=unit,
        ecosystem=ecosystem,
        package=package,
        advisory=advisory,
        reason=data.reason,
        until=data.until,
        owner=actor.name,
    )


def _line(
    actor: Actor, action: str, target: str, after: audit.Values | None, before: audit.Values | None = None
) -> Line:
    return Line(
        actor=actor.name,
        actor_kind=actor.kind,
        action=action,
        target=target,
        address=actor.address,
        before=before,
        after=after,
    )


_ONE = Acceptance(
    id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c01"),
    unit="shop/web",
    ecosystem="deb",
    package="openssl",
    advisory="CVE-2026-10001",
    reason="The port is closed to all but the load balancer; ticket 4711",
    until=date(2026, 3, 31),
    owner="vera",
    created=datetime(2026, 1, 5, 12, tzinfo=UTC),
    ended=None,
    findings=3,
)
EXAMPLES = (
    NewAcceptance(
        advisory="CVE-2026-10001",
        package="openssl",
        ecosystem="deb",
        unit="shop/web",
        reason="The port is closed to all but the load balancer; ticket 4711",
        until=date(2026, 3, 31),
    ),
    _ONE,
    Acceptances([_ONE], None),
)

ROUTES = (list_acceptances, read_acceptance, accept, end)

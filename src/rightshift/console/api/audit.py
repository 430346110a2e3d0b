"""The audit log: who wished what, who was refused, and whether a line was tampered with. All others write it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import QueryParameter
from msgspec import Meta, Raw, Struct, json

from rightshift.console.api.names import END
from rightshift.console.api.pages import After, Limit, cut, known, place
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit
from rightshift.console.store.pool import Pool


class AuditLine(Struct, frozen=True, kw_only=True):
    """Who did what to what, when, from where, and what became of it."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    action: str
    target: str
    address: str
    before: Raw | None
    after: Raw | None
    outcome: str


class AuditLines(Struct, frozen=True):
    """A page of lines, the newest first."""

    items: list[AuditLine]
    next: str | None


class Verified(Struct, frozen=True, kw_only=True):
    """Whether each line follows from the one before."""

    sound: bool
    first_wrong: Annotated[int | None, Meta(description="The number of the first line that does not")]


Number = Annotated[int, Meta(ge=1, le=2**63 - 1)]
_MAY = Requires(Permission.AUDIT_READ)


@get("/audit", guards=[_MAY, known], tags=["audit"], summary="Read the audit log", responses=refusals())
async def list_audit(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    limit: Limit = 50,
    after: After = None,
    actor: Annotated[str | None, QueryParameter(max_length=200, description="Only of this actor")] = None,
    action: Annotated[
        str | None, QueryParameter(pattern=r"^[a-z_.]{1,60}" + END, description="This one, or all below: `people`")
    ] = None,
) -> AuditLines:
    """Lines, the newest first. Who sees only some teams sees only what they did themselves."""
    who = request.user
    if who.scope.teams is not None:
        if actor not in (None, who.name):
            return AuditLines([], None)
        actor = who.name
    before = place(after, tuple[Number])
    async with pool.connection() as connection:
        found = await audit.page(
            connection, before=before[0] if before else None, limit=limit + 1, actor=actor, action=action
        )
    shown, following = cut(found, limit, lambda one: (one.id,))
    return AuditLines([_shown(one) for one in shown], following)


@get("/audit/verify", guards=[_MAY, known], tags=["audit"], summary="Verify the audit log", responses=refusals(404))
async def verify_audit(request: Request[Actor, Any, Any], pool: NamedDependency[Pool]) -> Verified:
    """Reads all lines and names the first that was changed, taken out or put in."""
    if request.user.scope.teams is not None:
        raise NotFoundException("The whole log is for whoever sees everything")
    async with pool.connection() as connection:
        wrong = await audit.verify(connection)
    return Verified(sound=wrong is None, first_wrong=wrong)


def _shown(kept: audit.Kept) -> AuditLine:
    line = kept.line
    return AuditLine(
        id=kept.id,
        at=kept.at,
        actor=line.actor,
        actor_kind=line.actor_kind,
        action=line.action,
        target=line.target,
        address=line.address,
        before=None if line.before is None else Raw(json.encode(line.before)),
        after=None if line.after is None else Raw(json.encode(line.after)),
        outcome=line.outcome,
    )


EXAMPLES = (
    AuditLines(
        [
            AuditLine(
                id=812,
                at=datetime(2026, 1, 5, 12, tzinfo=UTC),
                actor="vera",
                actor_kind="person",
                action="teams.change",
                target="0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7c21",
                address="198.51.100.7",
                before=Raw(b'{"name": "shop"}'),
                after=Raw(b'{"name": "web shop"}'),
                outcome="done",
            )
        ],
        None,
    ),
    Verified(sound=True, first_wrong=None),
)

ROUTES = (list_audit, verify_audit)

"""Who may do what: every route names one permission, or says why it needs none. Who asks: `middleware`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.exceptions import ImproperlyConfiguredException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.routes import HTTPRoute

from rightshift.console.store import audit
from rightshift.console.store.scope import Scope

Role = Literal["viewer", "operator", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")
"""The next one may do all that the one before may."""


class Permission(StrEnum):
    """What one route gives. A token has some of them, a role all up to its own."""

    ASSETS_READ = "assets:read"
    FINDINGS_READ = "findings:read"
    SCANS_READ = "scans:read"
    JOBS_READ = "jobs:read"
    FEED_READ = "feed:read"
    STATUS_READ = "status:read"
    EXPORT_READ = "export:read"
    TOKENS_OWN = "tokens:own"
    ACCOUNT_OWN = "account:own"
    FINDINGS_ACCEPT = "findings:accept"
    SCANS_RUN = "scans:run"
    SCANS_WRITE = "scans:write"
    JOBS_RUN = "jobs:run"
    SOURCES_WRITE = "sources:write"
    SOURCES_LOCAL = "sources:local"
    SCHEDULES_WRITE = "schedules:write"
    FEED_WRITE = "feed:write"
    METRICS_READ = "metrics:read"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    TEAMS_WRITE = "teams:write"
    TOKENS_WRITE = "tokens:write"
    AUDIT_READ = "audit:read"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    ASSETS_WRITE = "assets:write"
    FACTS_WRITE = "facts:write"
    ENROL = "sensors:enrol"
    SENSORS_READ = "sensors:read"
    SENSORS_WRITE = "sensors:write"


_P = Permission
_VIEWER = frozenset(
    {
        _P.ASSETS_READ,
        _P.FINDINGS_READ,
        _P.SCANS_READ,
        _P.JOBS_READ,
        _P.FEED_READ,
        _P.STATUS_READ,
        _P.EXPORT_READ,
        _P.SENSORS_READ,
        _P.TOKENS_OWN,
        _P.ACCOUNT_OWN,
    }
)
_OPERATOR = _VIEWER | {
    _P.FINDINGS_ACCEPT,
    _P.SCANS_RUN,
    _P.SCANS_WRITE,
    _P.JOBS_RUN,
    _P.SOURCES_WRITE,
    _P.SCHEDULES_WRITE,
    _P.FEED_WRITE,
}
OF_ROLE: dict[Role, frozenset[Permission]] = {
    "viewer": _VIEWER,
    "operator": _OPERATOR,
    "admin": frozenset(Permission) - {_P.FACTS_WRITE, _P.ENROL},
}
"""Facts come from enrolled sensors alone, and enrolling from enrolment tokens: no person has those two."""


def role_of(text: str) -> Role:
    """Raises: ValueError for what is none."""
    for role in ROLES:
        if role == text:
            return role
    raise ValueError(text)


NEVER_OF_TOKENS = frozenset(
    {_P.TOKENS_OWN, _P.ACCOUNT_OWN, _P.TOKENS_WRITE, _P.USERS_WRITE, _P.TEAMS_WRITE, _P.SETTINGS_WRITE}
)
"""A token can't make tokens or people, nor change what anybody may do, whoever made it."""

OF_WHO_MUST_ENROL = frozenset({_P.ACCOUNT_OWN})
"""Where a second factor is required: who has none may get one, and nothing before that."""

NOTHING = Scope(frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. Only what lies in `scope` exists for them. `person` is whose session or token it is, if anybody's."""

    name: str
    kind: Literal["nobody", "person", "token", "sensor", "console"]
    permissions: frozenset[Permission] = frozenset()
    scope: Scope = NOTHING
    person: UUID | None = None
    role: Role | None = None
    token: UUID | None = None
    reporter: int | None = None
    """Of a sensor's credential: the only reporter whose facts it may bring."""
    session: bytes = b""
    """Hash of the session's secret; empty for tokens."""
    csrf: str = ""
    must_enrol: bool = False
    """A second factor is required, and there is none yet."""
    address: str = ""
    """The peer's, behind proxies that are believed."""


NOBODY = Actor(name="", kind="nobody")


@dataclass(frozen=True, slots=True)
class Requires:
    """A guard: 401 for nobody, 403 for whoever has not the permission."""

    permission: Permission

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Writes down who was refused what. Raises: NotAuthorizedException, PermissionDeniedException."""
        actor: Actor = connection.scope["user"]
        if actor.kind == "nobody":
            raise NotAuthorizedException("Sign in, or send a token")
        if self.permission not in actor.permissions:
            await _refused(connection, actor, self.permission)
            if actor.must_enrol:
                raise PermissionDeniedException("A second factor is required here: set one up first")
            raise PermissionDeniedException(f"This needs the permission {self.permission}")


async def _refused(connection: ASGIConnection[Any, Any, Any, Any], actor: Actor, permission: Permission) -> None:
    state = connection.app.state
    line = audit.Line(
        actor=actor.name,
        actor_kind=actor.kind,
        action="access.denied",
        target=f"{connection.scope.get('method', '')} {connection.scope['path']}".replace("\0", "")[:300],
        address=actor.address,
        after={"permission": permission},
        outcome="denied",
    )
    async with state.pool.connection() as database, database.transaction():
        await audit.add(database, line, state.now())


@dataclass(frozen=True, slots=True)
class Public:
    """Says that a route is for everybody, and why."""

    because: str

    def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Lets everybody in."""


def refuse_unguarded(app: Litestar) -> None:
    """
    Stops the start of an app that has a route without exactly one statement of its own about who may use it.

    Guards of outer layers don't count: they say who may come in, not what this route gives.
    Raises: ImproperlyConfiguredException.
    """
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            answers_preflight = handler.http_methods == {"OPTIONS"}
            stated = [guard for guard in handler.guards or () if isinstance(guard, Requires | Public)]
            if not answers_preflight and len(stated) != 1:
                raise ImproperlyConfiguredException(f"{route.path} must name one permission, and names {len(stated)}")

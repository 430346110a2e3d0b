"""Providers that people may sign in through: issuer, client, and what its groups give. Signing in: `oidc`."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException, ValidationException
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, convert, field, structs, to_builtins

from rightshift.config import Config
from rightshift.console import vault as vaults
from rightshift.console.api.names import END, PRINTED
from rightshift.console.api.pages import known
from rightshift.console.api.refusals import refusals
from rightshift.console.api.versions import current, etag, expected
from rightshift.console.auth.oidc import secret
from rightshift.console.auth.oidc.addresses import redirect_uri
from rightshift.console.auth.people import line
from rightshift.console.auth.permission import Actor, Permission, Requires, Role
from rightshift.console.store import audit, people, subjects
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import identity_providers as read
from rightshift.console.store.read.identity_providers import About, Provider
from rightshift.console.store.scope import EVERYTHING
from rightshift.console.store.wishes import identity_providers as wishes

MOST = 100
_HTTPS = r"^https://[A-Za-z0-9.\[\]:_-]{1,300}"
_Name = Annotated[str, Meta(pattern=rf"^[a-z0-9]([a-z0-9-]{{0,38}}[a-z0-9])?{END}")]
_Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTED)]
_Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=rf"^[\x21\x23-\x5b\x5d-\x7e]+{END}")]
_Issuer = Annotated[str, Meta(max_length=500, pattern=rf"{_HTTPS}(/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?{END}")]
_Secret = Annotated[str, Meta(min_length=1, max_length=1_000)]
_Origin = Annotated[str, Meta(max_length=320, pattern=rf"^{END}|{_HTTPS}{END}")]


class Grant(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A role, and what is seen with it."""

    role: Role
    everything: bool = False
    teams: Annotated[list[UUID], Meta(max_length=100)] = []


class GroupRule(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """
    What the people of one group get.

    Of several groups the highest role counts, and for all that any of them gives to see.
    """

    group: Annotated[str, Meta(min_length=1, max_length=256, pattern=PRINTED)]
    role: Role | None = None
    everything: bool = False
    teams: Annotated[list[UUID], Meta(max_length=100)] = []


class ProviderSettings(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How people sign in through a provider, and what they may then."""

    label: Annotated[_Text, Meta(description="What stands on the button")]
    issuer: Annotated[_Issuer, Meta(description="Exactly as the provider names itself")]
    client_id: _Text
    scopes: Annotated[list[_Word], Meta(max_length=20, description="Beside `openid`")] = field(
        default_factory=lambda: ["profile", "email"]
    )
    groups_claim: Annotated[_Text, Meta(description="A claim of the ID token, or a path to one with dots")] = "groups"
    rules: Annotated[list[GroupRule], Meta(max_length=500)] = []
    otherwise: Annotated[Grant | None, Meta(description="For whom no group gives a role; null: they stay out")] = None
    trust_mfa: Annotated[bool, Meta(description="Its sign-in counts as the second factor too")] = False
    local: Annotated[bool, Meta(description="Its host may lead to this machine and to private networks")] = False
    console: Annotated[_Origin, Meta(description="Where browsers reach the console, behind a proxy: https://HOST")] = ""
    enabled: bool = True


class NewProvider(ProviderSettings, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A provider. `name` stands in addresses and stays."""

    name: _Name
    client_secret: _Secret


class ChangedProvider(ProviderSettings, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """All that is set. Without a secret the one of now stays; another issuer needs its own."""

    client_secret: _Secret | None = None


class IdentityProvider(ProviderSettings, frozen=True, kw_only=True):
    """A provider as it is set; its secret is never given back."""

    name: str
    redirect_uri: Annotated[str, Meta(description="To be named to the provider")]
    version: int
    created: datetime
    created_by: str


class IdentityProviders(Struct, frozen=True):
    """All there are, by label."""

    items: list[IdentityProvider]


_MAY_READ, _MAY_WRITE = Requires(Permission.SETTINGS_READ), Requires(Permission.SETTINGS_WRITE)


@get(
    "/identity-providers",
    guards=[_MAY_READ, known],
    tags=["settings"],
    summary="List identity providers",
    responses=refusals(),
)
async def list_providers(request: Request[Actor, Any, Any], pool: NamedDependency[Pool]) -> IdentityProviders:
    """The providers that people may sign in through."""
    _of_all(request.user)
    async with pool.connection() as connection:
        return IdentityProviders([_shown(request, one) for one in await read.every(connection)])


@get(
    "/identity-providers/{provider:str}",
    guards=[_MAY_READ, known],
    tags=["settings"],
    summary="Show an identity provider",
    responses=refusals(404),
)
async def show_provider(
    request: Request[Actor, Any, Any], provider: FromPath[str], pool: NamedDependency[Pool]
) -> Response[IdentityProvider]:
    """One provider; the ETag is what changes are sent with."""
    _of_all(request.user)
    async with pool.connection() as connection:
        return _answer(request, await read.one(connection, provider))


@post(
    "/identity-providers",
    guards=[_MAY_WRITE],
    tags=["settings"],
    summary="Add an identity provider",
    responses=refusals(409),
)
async def add_provider(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewProvider],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[IdentityProvider]:
    """Adds a provider. People can sign in through it at once."""
    actor = _may(request.user, data)
    about = _about(data)
    sealed = secret.sealed(vaults.opened(config.vault), data.name, about.issuer, data.client_secret)
    async with pool.connection() as connection, connection.transaction():
        await _teams_exist(connection, about)
        if len(await read.every(connection)) >= MOST:
            raise HTTPException(status_code=409, detail=f"There are {MOST} providers, which is the most")
        if not await wishes.add(connection, data.name, about, sealed, actor.name, now):
            raise HTTPException(status_code=409, detail="There is a provider of that name or issuer")
        said = line(actor, "identity_providers.add", data.name, after=_told(about, secret_changed=True))
        await audit.add(connection, said, now)
        made = _answer(request, await read.one(connection, data.name))
    made.status_code = 201
    return made


@put(
    "/identity-providers/{provider:str}",
    guards=[_MAY_WRITE],
    tags=["settings"],
    summary="Change an identity provider",
    responses=refusals(404, 409, 412, 428),
)
async def change_provider(
    request: Request[Actor, Any, Any],
    provider: FromPath[str],
    data: JSONBody[ChangedProvider],
    pool: NamedDependency[Pool],
    config: NamedDependency[Config],
    now: NamedDependency[datetime],
) -> Response[IdentityProvider]:
    """Changes all of it; sign-ins under way begin anew. One that is off or another issuer ends sessions through it."""
    actor, version, about = _may(request.user, data), expected(request), _about(data)
    async with pool.connection() as connection, connection.transaction():
        before = current(await read.held(connection, provider), version, _absent())
        await _teams_exist(connection, about)
        sealed = _sealed(config, before, data)
        if not await wishes.change(connection, provider, about, sealed):
            raise HTTPException(status_code=409, detail="There is a provider of that issuer")
        if not about.enabled or about.issuer != before.about.issuer:
            await subjects.end_sessions_of(connection, before.about.issuer)
        was = _told(before.about, secret_changed=False)
        told = _told(about, secret_changed=data.client_secret is not None)
        await audit.add(connection, line(actor, "identity_providers.change", provider, was, told), now)
        return _answer(request, await read.one(connection, provider))


@delete(
    "/identity-providers/{provider:str}",
    guards=[_MAY_WRITE],
    tags=["settings"],
    summary="Remove an identity provider",
    responses=refusals(404, 412, 428),
)
async def remove_provider(
    request: Request[Actor, Any, Any],
    provider: FromPath[str],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
) -> None:
    """Removes it, and ends all sessions of its people. They are known again when one of the same issuer is added."""
    actor, version = _of_all(request.user), expected(request)
    async with pool.connection() as connection, connection.transaction():
        before = current(await read.held(connection, provider), version, _absent())
        await wishes.remove(connection, provider)
        await subjects.end_sessions_of(connection, before.about.issuer)
        was = _told(before.about, secret_changed=False)
        await audit.add(connection, line(actor, "identity_providers.remove", provider, was), now)


def _of_all(actor: Actor) -> Actor:
    if actor.scope.teams is not None:
        raise PermissionDeniedException("Who may sign in is for administrators who see everything")
    return actor


def _may(actor: Actor, data: ProviderSettings) -> Actor:
    if data.local and Permission.SOURCES_LOCAL not in actor.permissions:
        raise PermissionDeniedException(f"`local` needs the permission {Permission.SOURCES_LOCAL}")
    return _of_all(actor)


def _about(data: ProviderSettings) -> About:
    values = to_builtins(data)
    return convert({**values, "scopes": sorted({"openid", *data.scopes})}, About)


async def _teams_exist(connection: Connection, about: About) -> None:
    grants = [*about.rules, *([about.otherwise] if about.otherwise else [])]
    for id in sorted({team for one in grants for team in one.teams}):
        if await people.team(connection, EVERYTHING, id) is None:
            said = f"There is no team {id}"
            raise ValidationException(said, extra=[{"key": "teams", "message": said}])


def _sealed(config: Config, before: Provider, data: ChangedProvider) -> bytes:
    """A secret is shown to the issuer that it was given for, and to no other."""
    if data.client_secret is not None:
        return secret.sealed(vaults.opened(config.vault), before.name, data.issuer, data.client_secret)
    if data.issuer != before.about.issuer:
        said = "Another issuer needs its own client secret"
        raise ValidationException(said, extra=[{"key": "client_secret", "message": said}])
    return before.sealed


def _told(about: About, *, secret_changed: bool) -> dict[str, object]:
    told: dict[str, object] = to_builtins(about)
    return {**told, "client_secret": "changed" if secret_changed else "kept"}


def _answer(request: Request[Actor, Any, Any], found: Provider | None) -> Response[IdentityProvider]:
    if found is None:
        raise _absent()
    return Response(_shown(request, found), headers=etag(found.version))


def _shown(request: Request[Actor, Any, Any], provider: Provider) -> IdentityProvider:
    about = convert(to_builtins(provider.about), ProviderSettings)
    return IdentityProvider(
        **structs.asdict(about),
        name=provider.name,
        redirect_uri=redirect_uri(request, provider),
        version=provider.version,
        created=provider.created,
        created_by=provider.created_by,
    )


def _absent() -> NotFoundException:
    return NotFoundException("There is no such provider")


_EXAMPLE = NewProvider(
    name="corp",
    label="Corp",
    issuer="https://login.corp.example/realms/staff",
    client_id="rightshift",
    client_secret="as the provider shows it",  # noqa: S106  # an example
    rules=[GroupRule(group="security", role="admin", everything=True), GroupRule(group="developers", role="viewer")],
)
_SHOWN = IdentityProvider(
    **{key: value for key, value in structs.asdict(_EXAMPLE).items() if key != "client_secret"},
    redirect_uri="https://rightshift.corp.example/api/v1/session/providers/corp/callback",
    version=1,
    created=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    created_by="otto",
)
EXAMPLES = (
    _EXAMPLE,
    ChangedProvider(**{key: value for key, value in structs.asdict(_EXAMPLE).items() if key != "name"}),
    _SHOWN,
    IdentityProviders([_SHOWN]),
)
ROUTES = (list_providers, show_provider, add_provider, change_provider, remove_provider)

"""The API's shapes, as far as commands use them. Made from its OpenAPI by `tests/house/api_types.py`; not by hand."""

from msgspec import Struct


class Credentials(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    password: str


class Link(Struct, frozen=True, kw_only=True, omit_defaults=True):
    link: str
    password: str


class Me(Struct, frozen=True, kw_only=True, omit_defaults=True):
    csrf: str
    kind: str
    name: str
    permissions: tuple[str, ...]
    role: str | None
    teams: tuple[str, ...] | None


class NewToken(Struct, frozen=True, kw_only=True, omit_defaults=True):
    days: int = 90
    kind: str = "person"
    name: str
    permissions: tuple[str, ...] = ()
    teams: tuple[str, ...] | None = None
    uses: int | None = None


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True):
    complete: bool
    csrf: str
    name: str


class Taken(Struct, frozen=True, kw_only=True, omit_defaults=True):
    asset: str
    inventory: str
    new: bool
    packages: int
    scan: str


class TokenMade(Struct, frozen=True, kw_only=True, omit_defaults=True):
    expires: str
    id: str
    secret: str


class Token(Struct, frozen=True, kw_only=True, omit_defaults=True):
    created: str
    created_by: str
    expires: str
    hint: str
    id: str
    kind: str
    name: str
    permissions: tuple[str, ...]
    revoked: str | None
    teams: tuple[str, ...] | None
    used: str | None


class Tokens(Struct, frozen=True, kw_only=True, omit_defaults=True):
    items: tuple[Token, ...]


class IngestScansQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    asset: str | None = None

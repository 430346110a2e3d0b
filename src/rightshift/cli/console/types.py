"""The API's shapes, as far as commands use them. Made from its OpenAPI by `tests/house/api_types.py`; not by hand."""

from msgspec import Struct


class Credentials(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    password: str


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    advisory: str
    aliases: tuple[str, ...]
    assets: int
    band: str
    certain: bool
    cluster: str
    ecosystem: str
    epss: float | None
    first_seen: str
    fixable: bool
    fixed: tuple[str, ...]
    fixed_at: str | None
    host: str
    id: str
    ignored: bool
    image: str
    kev: bool
    malicious: bool
    namespace: str
    package: str
    points: int
    purl: str
    ransomware: bool
    running: bool | None
    score: int
    severity: str
    state: str
    summary: str
    unit: str
    unit_kind: str
    unit_name: str
    vector: str
    version: str
    workload: str


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


class FindingsQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    cluster: tuple[str, ...] | None = None
    namespace: tuple[str, ...] | None = None
    workload: tuple[str, ...] | None = None
    host: tuple[str, ...] | None = None
    image: tuple[str, ...] | None = None
    team: str | None = None
    unit: str | None = None
    running: tuple[str, ...] | None = None
    severity: tuple[str, ...] | None = None
    band: tuple[str, ...] | None = None
    ecosystem: tuple[str, ...] | None = None
    package: tuple[str, ...] | None = None
    advisory: tuple[str, ...] | None = None
    kev: bool | None = None
    fixable: bool | None = None
    ignored: bool | None = None
    epss_min: float | None = None
    score_min: int | None = None
    since: str | None = None
    text: str | None = None
    state: str | None = None


class IngestScansQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    asset: str | None = None

"""The API's shapes, as far as commands use them. Made from its OpenAPI by `tests/house/api_types.py`; not by hand."""

from msgspec import Struct


class Asset(Struct, frozen=True, kw_only=True, omit_defaults=True):
    bands: tuple[int, ...]
    cloud: str
    cluster: str
    first_seen: str
    gone: str | None
    host: str
    id: str
    image: str
    key: str
    kind: str
    labels: dict[str, str]
    last_seen: str
    name: str
    namespace: str
    parent: str | None
    region: str
    running: bool | None
    unit: str | None
    workload: str


class Code(Struct, frozen=True, kw_only=True, omit_defaults=True):
    code: str


class Credentials(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    password: str


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    advisory: str | None
    asset: str | None
    asset_kind: str | None
    asset_name: str | None
    at: str
    detail: dict[str, object]
    id: int
    kind: str
    purl: str | None


class FeedFile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    advisories: int = 0
    built: str = ""
    checked: str = ""
    epss_day: str = ""
    epss_model: str = ""
    generation: int = 0
    kev: str = ""
    kind: str = "none"
    lineage: str = ""


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    attempt: int
    cancelling: bool
    created: str
    doing: str
    done: int
    ended: str | None
    error: str
    id: str
    job: str
    result: dict[str, int | float | str | None] | None
    schedule: str | None
    source: str | None
    started: str | None
    state: str
    total: int | None
    wished_by: str


class FeedStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    current: bool
    derived_at: str | None
    derived_generation: int
    derived_lineage: str
    file: FeedFile
    job: Run | None
    offline: bool


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


class Line(Struct, frozen=True, kw_only=True, omit_defaults=True):
    at: str
    id: int
    line: str


class Link(Struct, frozen=True, kw_only=True, omit_defaults=True):
    link: str
    password: str


class Me(Struct, frozen=True, kw_only=True, omit_defaults=True):
    csrf: str
    kind: str
    must_enrol: bool
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


class NewUser(Struct, frozen=True, kw_only=True, omit_defaults=True):
    disabled: bool = False
    email: str = ""
    everything: bool = False
    name: str
    role: str
    teams: tuple[str, ...] = ()


class Package(Struct, frozen=True, kw_only=True, omit_defaults=True):
    advisories: int
    arch: str
    ecosystem: str
    hosts: int
    images: int
    name: str
    purl: str
    source: str
    units: int
    version: str
    version_id: int


class Where(Struct, frozen=True, kw_only=True, omit_defaults=True):
    assets: int
    cluster: str
    ecosystem: str
    holder: int
    host: str
    image: str
    inventory: str
    locations: tuple[str, ...]
    name: str
    namespace: str
    purl: str
    running: bool | None
    since: str
    state: str
    unit: str
    unit_kind: str
    unit_name: str
    version: str
    version_id: int


class Schedule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    created: str
    created_by: str
    cron: str
    enabled: bool
    id: str
    job: str
    last_run: str | None
    name: str
    next_run: str | None
    source: str | None
    version: int
    zone: str


class Conflict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    by: str
    heard: str | None
    id: str
    name: str
    value: str


class Credential(Struct, frozen=True, kw_only=True, omit_defaults=True):
    created: str
    expires: str
    hint: str
    id: str
    revoked: str | None
    used: str | None


class Probe(Struct, frozen=True, kw_only=True, omit_defaults=True):
    lost: int = 0
    method: str = ""
    name: str
    since_ms: int = 0
    state: str
    why: str = ""


class Sensor(Struct, frozen=True, kw_only=True, omit_defaults=True):
    completeness: dict[str, str]
    conflicts: int
    dropped: int
    enrolled: str
    expires: str | None
    gaps: int
    heard: str | None
    host: str | None
    host_name: str
    id: str
    kind: str
    lost: int
    missing: int
    name: str
    program: str
    silent_since: str | None
    skew_ms: int
    state: str
    teams: tuple[str, ...]
    version: int


class Gap(Struct, frozen=True, kw_only=True, omit_defaults=True):
    reason: str
    what: str


class SensorDetail(Struct, frozen=True, kw_only=True, omit_defaults=True):
    conflicts: tuple[Conflict, ...]
    credentials: tuple[Credential, ...]
    probes: tuple[Probe, ...]
    sensor: Sensor
    unread: tuple[Gap, ...]


class Session(Struct, frozen=True, kw_only=True, omit_defaults=True):
    complete: bool
    csrf: str
    name: str


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    created: str
    created_by: str
    ecosystems: tuple[str, ...]
    id: str
    last_ended: str | None
    last_run: str | None
    last_state: str | None
    name: str
    reference: str
    version: int


class Aside(Struct, frozen=True, kw_only=True, omit_defaults=True):
    at: str
    name: str
    reason: str
    what: str


class Conclusions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    aside: int
    at: str | None
    generation: int
    unmatched: int
    waiting: int


class Failed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    ended: str
    error: str
    id: str
    name: str


class FeedAge(Struct, frozen=True, kw_only=True, omit_defaults=True):
    built: str
    epss_day: str
    generation: int
    kev: str
    records: int
    starter: bool


class Silent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    dropped: int
    gaps: int
    key: str
    kind: str
    name: str
    seen: str | None


class Stale(Struct, frozen=True, kw_only=True, omit_defaults=True):
    do: str
    kind: str
    means: str
    what: str


class Totals(Struct, frozen=True, kw_only=True, omit_defaults=True):
    assets: int
    holders: int
    inventories: int
    now: int
    plan: int
    routine: int
    soon: int
    units: int


class Status(Struct, frozen=True, kw_only=True, omit_defaults=True):
    aside: tuple[Aside, ...]
    conclusions: Conclusions
    failed: tuple[Failed, ...]
    feed: FeedAge | None
    silent: tuple[Silent, ...]
    stale: tuple[Stale, ...]
    totals: Totals
    version: str


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


class User(Struct, frozen=True, kw_only=True, omit_defaults=True):
    created: str
    disabled: bool
    email: str
    everything: bool
    id: str
    name: str
    provider: bool
    role: str
    second_factor: bool
    seen: str | None
    teams: tuple[str, ...]
    version: int


class UserLink(Struct, frozen=True, kw_only=True, omit_defaults=True):
    expires: str
    id: str
    link: str


class UserRights(Struct, frozen=True, kw_only=True, omit_defaults=True):
    disabled: bool = False
    email: str = ""
    everything: bool = False
    role: str
    teams: tuple[str, ...] = ()


class AssetsQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    cloud: tuple[str, ...] | None = None
    region: tuple[str, ...] | None = None
    cluster: tuple[str, ...] | None = None
    namespace: tuple[str, ...] | None = None
    workload: tuple[str, ...] | None = None
    host: tuple[str, ...] | None = None
    image: tuple[str, ...] | None = None
    running: tuple[str, ...] | None = None
    parent: str | None = None
    key: str | None = None
    label: str | None = None
    text: str | None = None
    gone: bool | None = None
    kind: tuple[str, ...] | None = None


class EventsQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    kind: tuple[str, ...] | None = None
    asset: str | None = None
    advisory: str | None = None
    since: str | None = None
    last_event_id: int | None = None


class FeedUpdateQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    confirm: bool | None = None


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


class JobsQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    state: tuple[str, ...] | None = None
    job: tuple[str, ...] | None = None
    source: str | None = None


class PackagesPlacesQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | None = None
    text: str | None = None
    version: str | None = None
    purl: str | None = None
    ecosystem: tuple[str, ...] | None = None


class PackagesQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str | None = None
    text: str | None = None
    version: str | None = None
    purl: str | None = None
    ecosystem: tuple[str, ...] | None = None


class SensorsQuery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    state: tuple[str, ...] | None = None
    kind: tuple[str, ...] | None = None
    host: tuple[str, ...] | None = None
    text: str | None = None
    conflict: bool | None = None

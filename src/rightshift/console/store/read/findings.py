"""Findings, best to fix first: a page, or all of them in one stream. One with all that is known: `finding.py`."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Annotated, Any, LiteralString, NamedTuple
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.assess.rank import band, score
from rightshift.assess.weights import points
from rightshift.console.store.finding_ids import Finding, Ids, ids
from rightshift.console.store.pool import Connection
from rightshift.console.store.read import finding_filter
from rightshift.console.store.read.finding_filter import ASK, SEVERITIES, Filter, State
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)

_FIRST_LOOK = 12
_WIDER = 8
_WIDEST = 1_000
_ALL = 1 << 30
"""
How many matches are looked at first, how many times more when that was too few, and up to how many. Then those few
holders that can add most are looked at whole, and as many matches for the others; after that comes all.
"""

_HOT = 750_000
"""Packages in holders that are looked at whole."""

_SPARE = 20
"""Rows that are asked for beside twice those that are wanted: for many of them a better one stands."""

_LOWEST = -(1 << 15)
"""Fewer points than anything can have."""

_LITTLE = 3_000
"""Packages in what is looked at: up to there, all of their matches are sorted."""

_SOME = 100_000
"""Packages in what is looked at, up to which that is where to begin, so that many matches cost little."""

_WALKED = 20_000
"""And up to which all that is above is looked at again for a later page."""

_SPREAD = 800
"""Inventories that have a package version of the best matches, at most: many have the same few packages."""

_STREAM_ROWS = 500
_STREAM_S = 600
"""Rows that a stream holds in memory; seconds that its question may take."""


EACH: LiteralString = _ASK["each"]
"""All that is wanted in all that is looked at."""


class Key(NamedTuple):
    """The place of a row in the list: by points, then by numbers that stay. A page goes on after it."""

    points: int
    version: int
    advisory: int
    unit: int
    inventory: int

    @property
    def order(self) -> tuple[int, int, int, int, int]:
        """Sorts as the list does."""
        return (-self.points, *self[1:])


class Best(NamedTuple):
    """A row before it is shown: its place in the list, and its package."""

    key: Key
    package: int


class _Some(NamedTuple):
    """
    Rows in order, none missing among them. `deeper` tells whether more matches must be looked at for those that follow;
    it is None where nothing follows.
    """

    rows: list[Best]
    deeper: bool | None


class Listed(Struct, frozen=True, kw_only=True):
    """A finding as it stands in a list: the best that a unit has of a package and an advisory."""

    id: UUID
    score: Annotated[int, Meta(description="0 to 100: the points, clipped")]
    band: Annotated[str, Meta(description="`Fix now`, `Fix soon`, `Plan`, `Routine`")]
    points: Annotated[int, Meta(description="The sum by which the list is sorted")]
    advisory: str
    aliases: list[str]
    summary: str
    severity: str
    kev: Annotated[bool, Meta(description="In CISA's catalogue of known exploited vulnerabilities")]
    ransomware: bool
    malicious: bool
    ignored: Annotated[bool, Meta(description="The distribution says that it will not be fixed, or is unimportant")]
    fixable: bool
    certain: Annotated[bool, Meta(description="False where the version could not be compared")]
    epss: float | None
    vector: str
    fixed: Annotated[list[str], Meta(description="Versions that fix it, lowest first")]
    ecosystem: str
    package: str
    version: str
    purl: str
    unit: Annotated[UUID, Meta(description="The workload, host or image that it is about")]
    unit_kind: str
    unit_name: str
    cluster: str
    namespace: str
    workload: str
    host: str
    image: str
    assets: Annotated[int, Meta(description="How many assets the unit stands for; 0 for what is fixed")]
    running: Annotated[bool | None, Meta(description="Null is unknown")]
    first_seen: datetime
    state: Annotated[str, Meta(description="`open`, `accepted`, `not_affected`, `fixed`")]
    fixed_at: Annotated[datetime | None, Meta(description="When the unit held it last")]


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, now: datetime, limit: int, after: Key | None = None
) -> tuple[list[Listed], Key | None]:
    """Up to `limit` findings after a place in the list, and the place of the last where there are more."""
    values = await finding_filter.parameters(connection, scope, filter, now)
    rows = await _rows(connection, filter, values, limit + 1, after)
    shown = await _shown(connection, rows[:limit], values)
    return shown, rows[limit - 1].key if len(rows) > limit else None


async def stream(
    connection: Connection, scope: Scope, filter: Filter, *, now: datetime
) -> AsyncGenerator[Listed, None]:
    """
    All findings, in the order of the list, some hundred in memory at once.

    Holds the connection and a transaction until it ends or is closed. Raises: psycopg.errors.QueryCanceled.
    """
    asking = question(filter, "each") + "\n" + _ASK["all"]
    async with AsyncExitStack() as held:
        await held.enter_async_context(connection.transaction())
        await connection.execute(f"SET LOCAL statement_timeout = '{_STREAM_S}s'")
        await connection.execute("SET LOCAL work_mem = '32MB'")
        values = await finding_filter.parameters(connection, scope, filter, now)
        secret = await ids(connection)
        cursor = await held.enter_async_context(connection.cursor(name="findings"))
        await cursor.execute(asking, values)
        while some := await cursor.fetchmany(_STREAM_ROWS):
            rows = [_row(one) for one in some]
            if filter.state == "fixed":
                rows = await _fixed(connection, rows)
            for one in await _shown(connection, rows, values, secret):
                yield one


async def one(connection: Connection, scope: Scope, finding: Finding, *, now: datetime) -> Listed | None:
    """The row of a finding, whatever its state; None where nothing in scope holds it, nor held it once."""
    states: tuple[State, ...] = ("all", "fixed")
    for state in states:
        filter = Filter(state=state)
        values = await finding_filter.parameters(connection, scope, filter, now)
        values |= {"units": [finding.unit], "packages": [finding.package], "advisories": [finding.advisory]}
        some = await _some(connection, filter, values, 1, None, _ALL)
        if shown := await _shown(connection, some.rows, values):
            return shown[0]
    return None


async def best(connection: Connection, filter: Filter, values: dict[str, Any], wanted: int) -> list[Best]:
    """The first rows of the list, up to so many; `values` are those of the filter."""
    return await _rows(connection, filter, dict(values), wanted, None)


async def _rows(
    connection: Connection, filter: Filter, values: dict[str, Any], wanted: int, after: Key | None
) -> list[Best]:
    if values["packages"] == [] or values["advisories"] == []:
        return []
    if filter.state == "fixed":
        return await _down(connection, filter, values, wanted, after or await _top(connection))
    look = await _first_look(connection, filter, values)
    highest = _highest(filter, after)
    much = values.get("amount", _ALL) > _WALKED
    if highest is not None and much and filter.state not in ("accepted", "not_affected"):
        return await _down(connection, filter, values, wanted, highest)
    found: list[Best] = []
    while True:
        some = await _some(connection, filter, values, 2 * (wanted - len(found)) + _SPARE, after, look)
        found += await _standing(connection, filter, values, some.rows)
        if len(found) >= wanted or some.deeper is None:
            return found[:wanted]
        if some.deeper:
            look = await _next_look(connection, filter, values, look)
        if some.rows:
            after = some.rows[-1].key


def _highest(filter: Filter, after: Key | None) -> Key | None:
    """The place below which the list goes on, where much is above it: above Fix soon nearly nothing is."""
    if after is not None or not filter.bands or {"now", "soon"} & set(filter.bands):
        return after
    edge = points("band.soon" if "plan" in filter.bands else "band.plan")
    return Key(edge - 1, -1, -1, -1, -1)


async def _top(connection: Connection) -> Key:
    """Where the list of what was fixed begins: how it could be reached then adds nothing."""
    row = await (await connection.execute(_ASK["top"])).fetchone()
    return Key(row[0] if row else 0, -1, -1, -1, -1)


async def _down(connection: Connection, filter: Filter, values: dict[str, Any], wanted: int, after: Key) -> list[Best]:
    """
    Rows after a place, level by level: what many points have long before it is not looked at again.

    Of what is new since a day there are two lists, as in `_some`.
    """
    asking = f"WITH {finding_filter.held(filter)},\n{ASK['wanted']},\n{_ASK['level']}".replace("{sum}", ASK["sum"])
    asking = asking.replace("{past}", _ASK["past"] if filter.state == "fixed" else "")
    since = values["since"]
    lists = [values] if since is None else [values | {"matched_since": since}, values | {"held_since": since}]
    found: list[Best] = []
    width = 0
    while True:
        low = after.points - width
        limit = 2 * (wanted - len(found)) + _SPARE
        below = Key(low - 1, -1, -1, -1, -1)
        rows: dict[Key, Best] = {}
        ends = [below]
        bottom = after.points
        for one in lists:
            answer = await (await connection.execute(asking, one | _place(after, limit) | {"low": low})).fetchall()
            some = [_row(row[1:]) for row in answer if row[1] is not None]
            rows |= {row.key: row for row in some}
            bottom = min(bottom, answer[0][0] if answer[0][0] is not None else bottom)
            if len(some) == limit:
                ends.append(some[-1].key)
        end = min(ends, key=lambda key: key.order)
        ordered = sorted((row for row in rows.values() if row.key.order <= end.order), key=lambda row: row.key.order)
        found += await _standing(connection, filter, values, ordered)
        if len(found) >= wanted or (end is below and low <= max(bottom, values["points_min"] or _LOWEST)):
            return found[:wanted]
        width = width * 3 + 1 if end is below else width
        after = end


def _place(after: Key | None, limit: int) -> dict[str, Any]:
    place = after or Key(0, 0, 0, 0, 0)
    return {
        "limit": limit,
        "after_points": after and place.points,
        "after_version": place.version,
        "after_advisory": place.advisory,
        "after_unit": place.unit,
        "after_inventory": place.inventory,
    }


async def _first_look(connection: Connection, filter: Filter, values: dict[str, Any]) -> int:
    if values["teams"] is None and not filter.held_in_part:
        return _FIRST_LOOK
    values["amount"] = await amount(connection, filter, values)
    if values["amount"] <= _LITTLE:
        return _ALL
    return _WIDEST if values["amount"] <= _SOME else _FIRST_LOOK


async def _next_look(connection: Connection, filter: Filter, values: dict[str, Any], look: int) -> int:
    if look * _WIDER**2 <= _WIDEST and by_held(values, look * _WIDER**2):
        return look * _WIDER**2  # more costs no more then
    if look * _WIDER <= (_WIDER * _WIDEST if values.get("amount", _ALL) <= _SOME else _WIDEST):
        return look * _WIDER
    if values.get("cold") is not None:
        return _ALL
    asking = f"WITH {finding_filter.held(filter)}\n" + _ASK["most"]
    hot = 0
    for most, packages in await (await connection.execute(asking, values)).fetchall():
        hot += packages
        if hot > _HOT:
            values["cold"] = most
            return look
    return _ALL


async def amount(connection: Connection, filter: Filter, values: dict[str, Any]) -> int:
    """How many packages lie in what is looked at; each has two to four findings, as a rule."""
    asking = f"WITH {finding_filter.held(filter)}\n" + _ASK["amount"]
    row = await (await connection.execute(asking, values)).fetchone()
    return int(row[0]) if row else 0


async def _some(
    connection: Connection, filter: Filter, values: dict[str, Any], limit: int, after: Key | None, look: int
) -> _Some:
    """Of what is new since a day there are two lists: new matches anywhere, and any match in a new inventory."""
    how: LiteralString = "best" if values.get("cold") is None else "split"
    if look >= _ALL:
        how = "each"
    asking = question(filter, how, by_held=by_held(values, look)) + "\n" + _ASK["page"]
    asked = values | _place(after, limit) | {"most": look}
    since = values["since"]
    lists = [asked] if since is None else [asked | {"matched_since": since}, asked | {"held_since": since}]
    rows: dict[Key, Best] = {}
    ends: list[tuple[tuple[float, ...], bool]] = []
    for one in lists:
        answer = await (await connection.execute(asking, one)).fetchall()
        some = [_row(row[1:]) for row in answer if row[1] is not None]
        rows |= {row.key: row for row in some}
        floor = answer[0][0]
        if len(some) == limit:
            ends.append((some[-1].key.order, False))
        elif floor is not None and (values["points_min"] is None or floor > values["points_min"]):
            ends.append(((-floor, float("inf")), True))
    end, deeper = min(ends, default=((float("inf"),), None))
    return _Some(sorted((row for row in rows.values() if row.key.order <= end), key=lambda row: row.key.order), deeper)


def by_held(values: Mapping[str, Any], look: int) -> bool:
    """Whether it is less work to begin with who is looked at, than with so many matches."""
    amount = values.get("amount")
    return amount is not None and amount < look * _SPREAD


def question(filter: Filter, how: LiteralString, *, by_held: bool = False) -> LiteralString:
    """
    The part of a question that says what is `found`: unit, inventory, package version, package, advisory, points.

    `how`: `each` is all; `best` and `split` what many matches give, with an `edge`; `decided` what somebody decided on.
    """
    found = _ASK["decided" if filter.state in ("accepted", "not_affected") else how]
    found = found.replace("{spread}", _ASK["spread_held" if by_held else "spread"])
    for part in ("near", "used"):
        found = found.replace("{" + part + "}", _ASK[part])
    return f"WITH {finding_filter.held(filter)},\n{ASK['wanted']},\n{found}".replace("{sum}", ASK["sum"])


async def _standing(connection: Connection, filter: Filter, values: dict[str, Any], rows: Sequence[Best]) -> list[Best]:
    """Without those for which a better one stands, wherever in the list that is."""
    if not rows:
        return []
    asked = values | _arrays(rows) | {"units": sorted({row.key.unit for row in rows})}
    asking = f"WITH {finding_filter.held(filter)},\n{ASK['wanted']}\n{_ASK['rivals']}".replace("{sum}", ASK["sum"])
    beaten = {at for (at,) in await (await connection.execute(asking, asked)).fetchall()}
    standing = [row for at, row in enumerate(rows, 1) if at not in beaten]
    return await _fixed(connection, standing) if filter.state == "fixed" else standing


async def _fixed(connection: Connection, rows: Sequence[Best]) -> list[Best]:
    if not rows:
        return []
    held = {at for (at,) in await (await connection.execute(_ASK["held_now"], _arrays(rows))).fetchall()}
    return [row for at, row in enumerate(rows, 1) if at not in held]


async def _shown(
    connection: Connection, rows: Sequence[Best], values: dict[str, Any], secret: Ids | None = None
) -> list[Listed]:
    if not rows:
        return []
    secret = secret or await ids(connection)
    found = await (await connection.execute(_ASK["shown"], values | _arrays(rows))).fetchall()
    return [_listed(secret, row) for row in found]


def _arrays(rows: Iterable[Best]) -> dict[str, list[int]]:
    names = ("r_points", "r_versions", "r_advisories", "r_units", "r_inventories", "r_packages")
    columns = list(zip(*((*row.key, row.package) for row in rows), strict=True))
    return {name: list(column) for name, column in zip(names, columns, strict=True)}


def _row(found: tuple[Any, ...]) -> Best:
    return Best(Key(*found[:5]), found[5])


def _listed(secret: Ids, row: tuple[Any, ...]) -> Listed:
    points, unit, package, advisory, *rest = row
    (name, aliases, summary, severity, kev, ransomware, malicious, ignored, fixable, certain, epss, vector, fixed,
     ecosystem, package_name, version, purl, uid, kind, unit_name, cluster, namespace, workload, host, image, assets,
     running, first_seen, state, fixed_at) = rest  # fmt: skip
    return Listed(
        id=secret.encode(Finding(unit, package, advisory)),
        score=score(points),
        band=band(points),
        points=points,
        advisory=name,
        aliases=aliases,
        summary=summary,
        severity=SEVERITIES[severity],
        kev=kev,
        ransomware=ransomware,
        malicious=malicious,
        ignored=ignored,
        fixable=fixable,
        certain=certain,
        epss=epss,
        vector=vector,
        fixed=fixed,
        ecosystem=ecosystem,
        package=package_name,
        version=version,
        purl=purl,
        unit=uid,
        unit_kind=kind,
        unit_name=unit_name,
        cluster=cluster,
        namespace=namespace,
        workload=workload,
        host=host,
        image=image,
        assets=assets,
        running=running,
        first_seen=first_seen,
        state=state,
        fixed_at=fixed_at,
    )

"""The ranked list, its counts and its groups are those of everything sorted, for any filter, page by page."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from rightshift.assess.rank import band
from rightshift.console.store.conclusions import facets, triage
from rightshift.console.store.finding_ids import Finding, ids
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import (
    finding,
    finding_counts,
    finding_groups,
    finding_reach,
    finding_search,
    findings,
)
from rightshift.console.store.read.finding_filter import Filter, State
from rightshift.console.store.scope import EVERYTHING, Scope
from rightshift.console.store.sql import questions
from tests.console.populate import NOW, Estate, fill

BRUTE = questions(__file__.replace("test_findings", "brute_force"))["sorted"]
TEAMS = [UUID(int=number) for number in (1, 2, 3)]

Choice = tuple[dict[str, Any], str, str]
"""Fields of a filter, and the same in SQL: of what may stand for a row, and of the row."""

UNDECIDED = """NOT EXISTS (SELECT FROM triage t WHERE (t.unit_id, t.package_id, t.advisory_id)
    = (best.unit_id, best.package_id, best.advisory_id))"""


def behind(condition: str) -> str:
    return f"""(({condition.format(a="u")}) OR EXISTS (SELECT FROM asset a WHERE a.unit_id = h.unit_id
        AND a.inventory_id = h.inventory_id AND {condition.format(a="a")}))"""


CHOICES: tuple[Choice, ...] = (
    ({"clusters": ("cluster-1", "cluster-2")}, behind("{a}.cluster IN ('cluster-1', 'cluster-2')"), ""),
    ({"namespaces": ("ns-2", "ns-3", "ns-0")}, behind("{a}.namespace IN ('ns-2', 'ns-3', 'ns-0')"), ""),
    ({"hosts": ("host-10",)}, behind("{a}.host = 'host-10'"), ""),
    ({"images": ("registry/app-2", "registry/app-9")}, behind("{a}.image IN ('registry/app-2', 'registry/app-9')"), ""),
    ({"workloads": ("workload-11",)}, behind("{a}.workload = 'workload-11'"), ""),
    ({"team": TEAMS[1]}, f"EXISTS (SELECT FROM asset_team t WHERE t.asset_id = u.id AND t.team_id = '{TEAMS[1]}')", ""),
    ({"running": ("true",)}, "h.running", ""),
    ({"running": ("unknown", "false")}, "h.running IS NOT TRUE", ""),
    ({"severities": ("critical", "high")}, "m.severity >= 4", ""),
    ({"severities": ("unknown",)}, "m.severity = 0", ""),
    ({"kev": True}, "m.kev", ""),
    ({"kev": False}, "NOT m.kev", ""),
    ({"fixable": True}, "m.fixable", ""),
    ({"ignored": False}, "NOT m.ignored", ""),
    ({"epss_min": 0.1}, "m.epss >= 0.1", ""),
    ({"ecosystems": ("npm", "deb")}, "k.ecosystem IN ('npm', 'deb')", ""),
    ({"packages": ("package-1", "Package-2")}, "k.name IN ('package-1', 'package-2')", ""),
    ({"advisories": ("ghsa-7", "CVE-2024-10012")}, "d.id IN (7, 12)", ""),
    ({"advisories": ("CVE-1999-1",)}, "false", ""),
    ({"text": "AGE-1"}, "k.name LIKE '%%age-1%%'", ""),
    ({"text": "ghsa-2"}, "'GHSA-' || d.id LIKE 'GHSA-2%%'", ""),
    ({"text": "%"}, "false", ""),
    (
        {"since": NOW - timedelta(days=20)},
        f"(m.first_seen >= '{NOW - timedelta(days=20)}' OR h.since >= '{NOW - timedelta(days=20)}')",
        "",
    ),
    ({"points_min": 30}, "", "points >= 30"),
    ({"bands": ("soon", "now")}, "", "points >= 70"),
    ({"bands": ("routine",)}, "", "points < 40"),
    ({"bands": ("plan",)}, "", "points >= 40 AND points < 70"),
)


def mixed(chance: random.Random) -> tuple[Filter, str, str]:
    chosen = chance.sample(CHOICES, chance.choice((0, 1, 1, 2, 2, 3)))
    fields: dict[str, Any] = {}
    members, rows = ["true"], ["true"]
    for field, member, row in chosen:
        if not fields.keys() & field.keys():
            fields |= field
            members += [member] if member else []
            rows += [row] if row else []
    states: tuple[State, ...] = ("open", "open", "all", "accepted", "not_affected")
    state = chance.choice(states)
    if state == "open":
        rows.append(UNDECIDED)
    elif state != "all":
        rows.append(f"EXISTS (SELECT FROM triage t WHERE t.state = '{state}' AND t.unit_id = best.unit_id AND"
                    " t.package_id = best.package_id AND t.advisory_id = best.advisory_id)")  # fmt: skip
    return Filter(**fields, state=state), " AND ".join(members), " AND ".join(rows)


async def brute(connection: Connection, members: str, rows: str) -> list[tuple[int, UUID]]:
    question = BRUTE.replace("{members}", members).replace("{rows}", rows).replace("%%", "%")
    found = await (await connection.execute(question)).fetchall()  # put together here
    secret = await ids(connection)
    return [(points, secret.encode(Finding(*about))) for points, *about in found]


async def walked(
    connection: Connection, filter: Filter, limit: int, scope: Scope = EVERYTHING
) -> list[tuple[int, UUID]]:
    rows: list[tuple[int, UUID]] = []
    after = None
    while True:
        page, after = await findings.page(connection, scope, filter, now=NOW, limit=limit, after=after)
        assert len(page) <= limit
        rows += [(one.points, one.id) for one in page]
        if after is None:
            return rows


async def compare(pool: Pool, chance: random.Random, times: int, limits: tuple[int, ...] = (7, 50, 400, 1000)) -> None:
    async with pool.connection() as connection:
        for _ in range(times):
            filter, members, rows = mixed(chance)
            wanted = await brute(connection, members, rows)
            assert await walked(connection, filter, chance.choice(limits)) == wanted, filter
            counted = await finding_counts.counts(connection, EVERYTHING, filter, now=NOW)
            assert counted.exact
            assert not counted.at_least
            assert counted.total == len(wanted), filter
            assert sum(counted.severity.values()) == sum(counted.ecosystem.values()) == len(wanted)
            by_band = Counter(band(points) for points, _ in wanted)
            assert counted.band == {"".join(name.lower().split()[-1:]): number for name, number in by_band.items()}
            units = await finding_groups.groups(connection, EVERYTHING, filter, "unit", now=NOW, limit=1000)
            assert sum(group.findings for group in units.items) == len(wanted)
            assert max((group.points for group in units.items), default=None) == max(
                (points for points, _ in wanted), default=None
            )
            streamed = [(one.points, one.id) async for one in findings.stream(connection, EVERYTHING, filter, now=NOW)]
            assert streamed == wanted, filter


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_list_is_everything_sorted_whatever_the_filter(
    database: str, pool: Pool, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # so that also a small estate needs several looks
    monkeypatch.setattr(finding_search, "_FIRST_LOOK", 5)
    monkeypatch.setattr(finding_search, "_LITTLE", 60)
    monkeypatch.setattr(finding_search, "_SOME", 90)
    monkeypatch.setattr(finding_search, "_WALKED", 60 if seed % 2 else 150)
    monkeypatch.setattr(finding_search, "_WIDER", 3)
    monkeypatch.setattr(finding_search, "_WIDEST", 100)
    monkeypatch.setattr(finding_search, "_HOT", 60)
    estate = Estate(inventories=20, packages=60, advisories=90, per_inventory=15, used=0.2)
    fill(database, estate, seed=seed / 10, wild=seed % 2 == 1)
    await compare(pool, random.Random(seed), 14)


@pytest.mark.prove
@pytest.mark.parametrize("seed", [3, 4])
async def test_the_list_is_everything_sorted_in_larger_estates(
    database: str, pool: Pool, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding_search, "_HOT", 200)
    monkeypatch.setattr(finding_search, "_LITTLE", 200)
    fill(database, Estate(inventories=120, used=0.1 * (seed % 3)), seed=seed / 10, wild=seed % 2 == 1)
    await compare(pool, random.Random(seed), 15, limits=(200, 1000))


async def test_sums_of_inventories_count_as_rows_do(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch, rows: Callable[..., object]
) -> None:
    fill(database, Estate(inventories=25, packages=60, advisories=90, per_inventory=15))
    # a unit of one inventory each: what two of one unit share would be counted twice
    rows("DELETE FROM holder h USING holder o WHERE o.unit_id = h.unit_id AND o.id < h.id")
    async with pool.connection() as connection:
        await connection.execute(questions(triage.__file__)["sort"], {"scope": None, "edges": facets.EDGES})
    filters = [
        Filter(),
        Filter(state="all"),
        Filter(clusters=("cluster-1",)),
        Filter(kev=True),
        Filter(severities=("high", "low"), kev=False),
        Filter(ecosystems=("npm",)),
        Filter(running=("true",), team=TEAMS[0]),
        Filter(bands=("routine",)),
        Filter(bands=("plan", "now"), ecosystems=("deb", "npm"), state="all"),
    ]
    async with pool.connection() as connection:
        for filter in filters:
            rows_counted = await counted_by_rows(connection, filter, monkeypatch)
            with monkeypatch.context() as patched:
                patched.setattr(finding_counts, "FEW", -1)
                summed = await finding_counts.counts(connection, EVERYTHING, filter, now=NOW)
            assert rows_counted.total > 0
            assert msgspec.structs.replace(summed, exact=True) == rows_counted, filter
            assert summed.exact == (not filter.severities and filter.kev is None)


async def test_groups_of_much_are_those_of_the_best_and_count_what_they_can(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, Estate(inventories=20, packages=60, advisories=90, per_inventory=15, used=0.2))
    chance, capped = random.Random(6), 0
    async with pool.connection() as connection:
        for at in range(24):
            filter, _, _ = mixed(chance)
            by: finding_groups.By = ("advisory", "package", "unit", "fix")[at % 4]
            every = await finding_groups.groups(connection, EVERYTHING, filter, by, now=NOW, limit=1000)
            assert every.whole
            with monkeypatch.context() as patched:
                patched.setattr(finding_reach, "FEW", 0)
                patched.setattr(finding_groups, "MOST", 12)
                some = await finding_groups.groups(connection, EVERYTHING, filter, by, now=NOW, limit=5)
            assert bool(some.items) == bool(every.items)
            known = {group.key: group for group in every.items}
            for group in some.items:
                other = known[group.key]
                if not filter.bands:
                    assert group.points == other.points, filter
                if group.at_least:
                    capped += 1
                else:
                    assert (group.findings, group.units) == (other.findings, other.units), filter
            if some.items and not some.whole and not filter.bands:
                assert [group.points for group in some.items] == [group.points for group in every.items][
                    : len(some.items)
                ]
    assert capped


async def test_what_was_fixed_is_counted_as_it_is_listed(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, Estate(inventories=20, packages=60, advisories=90, per_inventory=15))
    async with pool.connection() as connection:
        for filter in (Filter(state="fixed"), Filter(state="fixed", ecosystems=("npm",), kev=False)):
            listed = await walked(connection, filter, 1000)
            assert listed
            counted = await finding_counts.counts(connection, EVERYTHING, filter, now=NOW)
            assert (counted.total, counted.exact) == (len(listed), True)
            with monkeypatch.context() as patched:
                patched.setattr(finding_search, "_LITTLE", 60)
                assert await walked(connection, filter, 9) == listed


async def test_what_is_too_much_to_be_counted_is_counted_in_part_and_says_so(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, Estate(inventories=20, packages=60, advisories=90, per_inventory=15, used=0.2))
    monkeypatch.setattr(Filter, "counted_ahead", property(lambda _: False))
    chance, ways = random.Random(5), set()
    async with pool.connection() as connection:
        for at in range(60):
            monkeypatch.setattr(finding_reach, "FEW", (40, 200)[at % 2])
            filter, members, rows = mixed(chance)
            wanted = await brute(connection, members, rows)
            counted = await finding_counts.counts(connection, EVERYTHING, filter, now=NOW)
            assert counted.exact != counted.at_least
            ways.add((counted.exact, bool(wanted), filter.since is not None))
            if counted.exact:
                assert counted.total == len(wanted), filter
            elif not filter.bands:  # the best of a unit may lie in what was not looked at
                assert counted.total <= len(wanted), filter
    assert {(exact, True, new) for exact in (True, False) for new in (True, False)} <= ways


async def counted_by_rows(
    connection: Connection, filter: Filter, monkeypatch: pytest.MonkeyPatch
) -> finding_counts.Counts:
    with monkeypatch.context() as patched:
        patched.setattr(Filter, "counted_ahead", property(lambda _: False))
        return await finding_counts.counts(connection, EVERYTHING, filter, now=NOW)


async def test_sums_say_that_they_are_not_exact(database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(database, Estate(inventories=25, packages=60, advisories=90, per_inventory=15))
    monkeypatch.setattr(finding_counts, "FEW", -1)
    async with pool.connection() as connection:
        assert not (await finding_counts.counts(connection, EVERYTHING, Filter(), now=NOW)).exact


async def test_a_finding_is_explained_by_parts_that_add_up(database: str, pool: Pool) -> None:
    fill(database, Estate(inventories=25, packages=60, advisories=90, per_inventory=15, used=0.3))
    async with pool.connection() as connection:
        rows, _ = await findings.page(connection, EVERYTHING, Filter(state="all"), now=NOW, limit=40)
        gone, _ = await findings.page(connection, EVERYTHING, Filter(state="fixed"), now=NOW, limit=5)
        assert rows
        assert gone
        for row in [*rows, *gone]:
            found = await finding.detail(connection, EVERYTHING, row.id, now=NOW)
            assert found is not None
            assert found.finding == row
            if row.state == "fixed":
                assert not found.held
                assert row.fixed_at is not None
                continue
            assert sum(part.points for part in found.parts) == row.points == found.held[0].points
            assert {part.name for part in found.parts} == {"threat", "exposure", "use", "impact", "context"}
            assert found.history[-1].at == min(one.at for one in found.history)
            others = await findings.page(
                connection,
                EVERYTHING,
                Filter(state="all", packages=(row.package,), advisories=(row.advisory,)),
                now=NOW,
                limit=1000,
            )
            assert {one.finding for one in found.elsewhere} | {row.id} == {
                one.id for one in others[0] if one.ecosystem == row.ecosystem
            }


async def test_an_id_tells_nothing_outside_of_its_scope(database: str, pool: Pool) -> None:
    fill(database, Estate(inventories=25, packages=60, advisories=90, per_inventory=15))
    async with pool.connection() as connection:
        mine, _ = await findings.page(connection, Scope(frozenset(TEAMS[:1])), Filter(), now=NOW, limit=1)
        for teams, seen in ((TEAMS[:1], True), ([], False), ([UUID(int=99)], False)):
            found = await finding.detail(connection, Scope(frozenset(teams)), mine[0].id, now=NOW)
            assert (found is not None) == seen
        for id in (UUID(int=mine[0].id.int ^ 1), UUID(int=0)):
            assert await finding.detail(connection, EVERYTHING, id, now=NOW) is None

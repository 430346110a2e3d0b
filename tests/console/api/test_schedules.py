"""Schedules over the API: times that are due, versions, and what one needs for which job."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.console.api.conftest import As, Clock

Rows = Callable[..., list[tuple[object, ...]]]
NIGHTLY = {"name": "nightly", "cron": "30 2 * * *", "zone": "Europe/Berlin"}


@pytest.fixture
def team(rows: Rows) -> UUID:
    (found,) = rows("INSERT INTO team (name) VALUES ('shop') RETURNING id")
    assert isinstance(found[0], UUID)
    return found[0]


async def source(asking: httpx.AsyncClient) -> str:
    made = await asking.post("/api/v1/sources", json={"name": "proxy", "reference": "nginx"})
    return str(made.json()["id"])


async def nightly(asking: httpx.AsyncClient) -> dict[str, Any]:
    return NIGHTLY | {"source": await source(asking)}


async def test_a_schedule_is_due_at_its_next_time(as_role: As) -> None:
    asking = await as_role("operator")
    made = await asking.post("/api/v1/schedules", json=await nightly(asking))
    assert made.status_code == 201, made.text
    assert made.json()["next_run"] == "2026-01-06T01:30:00Z"


async def test_other_times_count_from_now_and_the_same_ones_stay(as_role: As, rows: Rows, clock: Clock) -> None:
    asking = await as_role("operator")
    body = await nightly(asking)
    made = await asking.post("/api/v1/schedules", json=body)
    where = f"/api/v1/schedules/{made.json()['id']}"
    clock.passes(minutes=20)
    renamed = await asking.put(where, json=body | {"name": "x"}, headers={"If-Match": made.headers["etag"]})
    assert renamed.json()["next_run"] == "2026-01-06T01:30:00Z"
    later = await asking.put(where, json=body | {"cron": "0 5 * * *"}, headers={"If-Match": renamed.headers["etag"]})
    assert later.json()["next_run"] == "2026-01-06T04:00:00Z"


@pytest.mark.check("Z11")
async def test_who_sends_an_older_version_is_told_so(as_role: As) -> None:
    asking = await as_role("operator")
    body = await nightly(asking)
    where = f"/api/v1/schedules/{(await asking.post('/api/v1/schedules', json=body)).json()['id']}"
    assert (await asking.put(where, json=body)).status_code == 428
    assert (await asking.put(where, json=body, headers={"If-Match": '"9"'})).status_code == 412
    assert (await asking.delete(where, headers={"If-Match": '"9"'})).status_code == 412
    assert (await asking.delete(where, headers={"If-Match": '"1"'})).status_code == 204
    assert (await asking.get(where)).status_code == 404


async def test_jobs_of_the_whole_console_need_more(as_role: As, team: UUID) -> None:
    operator, some, admin = (
        await as_role("operator"),
        await as_role("admin", teams=frozenset({team})),
        await as_role("admin"),
    )
    feed, retain = NIGHTLY | {"job": "update_feed"}, NIGHTLY | {"job": "retain", "name": "old"}
    assert (await operator.post("/api/v1/schedules", json=retain)).status_code == 403
    assert (await some.post("/api/v1/schedules", json=feed)).status_code == 403
    assert (await operator.post("/api/v1/schedules", json=feed)).status_code == 201
    assert (await admin.post("/api/v1/schedules", json=retain)).status_code == 201


async def test_a_schedule_of_another_team_is_as_if_absent(as_role: As, team: UUID) -> None:
    everything, shop = await as_role("operator"), await as_role("operator", teams=frozenset({team}))
    body = await nightly(everything)
    id = (await everything.post("/api/v1/schedules", json=body)).json()["id"]
    where = f"/api/v1/schedules/{id}"
    assert (await shop.get(where)).status_code == 404
    assert (await shop.delete(where, headers={"If-Match": '"1"'})).status_code == 404
    assert (await shop.get("/api/v1/schedules")).json()["items"] == []
    # nor can somebody else's source be scanned by it
    assert (await shop.post("/api/v1/schedules", json=body)).status_code == 400


@pytest.mark.parametrize(
    "bad",
    [
        {"cron": "* * * * * *"},
        {"cron": "0 0 30 2 *"},
        {"zone": "Mars"},
        {"source": None},
        {"source": str(uuid4())},
        {"job": "update_feed"},
        {"job": "format_disk"},
        {"next_run": "2026-01-01T00:00:00Z"},
    ],
)
async def test_refused_bodies(as_role: As, bad: dict[str, object]) -> None:
    asking = await as_role("operator")
    assert (await asking.post("/api/v1/schedules", json=await nightly(asking) | bad)).status_code == 400


async def test_times_are_shown_before_it_is_made(as_role: As) -> None:
    asking = await as_role("viewer")
    answer = await asking.get("/api/v1/schedules/times", params={"cron": "0 0 * * MON", "zone": "UTC", "count": 2})
    assert answer.json()["times"] == ["2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"]
    assert (await asking.get("/api/v1/schedules/times", params={"cron": "x"})).status_code == 400


async def test_a_source_takes_its_schedules_with_it(as_role: As, rows: Rows) -> None:
    asking = await as_role("operator")
    body = await nightly(asking)
    await asking.post("/api/v1/schedules", json=body)
    await asking.delete(f"/api/v1/sources/{body['source']}", headers={"If-Match": '"1"'})
    assert rows("SELECT count(*) FROM schedule") == [(0,)]

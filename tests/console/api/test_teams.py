"""Teams decide what people see: made by administrators who see everything, shown to those who are in them."""

from uuid import UUID

import pytest

from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As


async def test_made_changed_and_removed_each_marking_what_follows(as_role: As, pool: Pool) -> None:
    admin = await as_role("admin")
    body = {"name": "shop", "selector": {"clusters": ["prod-*"], "labels": ["owner=shop"]}}
    made = await admin.post("/api/v1/teams", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["selector"] == body["selector"]
    url = f"/api/v1/teams/{made.json()['id']}"
    assert (await admin.post("/api/v1/teams", json=body)).status_code == 409
    assert (await admin.put(url, json=body)).status_code == 428
    changed = await admin.put(url, json={"name": "shops"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.json()["name"]) == (200, "shops")
    assert (await admin.delete(url, headers={"If-Match": made.headers["etag"]})).status_code == 412
    assert (await admin.delete(url, headers={"If-Match": changed.headers["etag"]})).status_code == 204
    assert (await admin.get(url)).status_code == 404
    async with pool.connection() as connection:
        found = await connection.execute("SELECT count(*) FROM dirty WHERE what = 'wishes'")
        assert await found.fetchone() == (3,)
        found = await connection.execute("SELECT action FROM audit WHERE action LIKE 'teams.%' ORDER BY id")
        assert [row[0] for row in await found.fetchall()] == ["teams.add", "teams.change", "teams.remove"]


async def test_one_sees_own_teams_alone(as_role: As) -> None:
    admin = await as_role("admin")
    ids = [UUID((await admin.post("/api/v1/teams", json={"name": name})).json()["id"]) for name in ("a", "b")]
    viewer = await as_role("viewer", teams=frozenset(ids[:1]))
    assert [one["name"] for one in (await viewer.get("/api/v1/teams")).json()["items"]] == ["a"]
    assert (await viewer.get(f"/api/v1/teams/{ids[1]}")).status_code == 404
    assert (await viewer.post("/api/v1/teams", json={"name": "c"})).status_code == 403
    part = await as_role("admin", teams=frozenset(ids[:1]))
    version = {"If-Match": '"1"'}
    wider = {"name": "a", "selector": {"clusters": ["*"]}}
    assert (await part.put(f"/api/v1/teams/{ids[0]}", json=wider, headers=version)).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "selector": {"planets": ["mars"]}},
        {"name": "x", "selector": {"clusters": "prod"}},
        {"name": "x", "selector": {"clusters": ["*" * 17]}},
        {"name": "x", "selector": {"clusters": ["x" * 1_025]}},
        {"name": "x", "selector": {"clusters": ["\x00"]}},
        {"name": "x", "id": str(UUID(int=1))},
        {"name": "\u200b"},
    ],
)
async def test_what_is_no_team(as_role: As, body: dict[str, object]) -> None:
    assert (await (await as_role("admin")).post("/api/v1/teams", json=body)).status_code == 400

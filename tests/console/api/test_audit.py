"""The log as it is read: everything for administrators of everything, one's own for those of a team, nobody else."""

from collections.abc import Callable
from uuid import UUID

import pytest

from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As


async def test_what_was_done_with_before_and_after_and_from_where(as_role: As) -> None:
    admin = await as_role("admin")
    made = (await admin.post("/api/v1/teams", json={"name": "shop"})).json()
    line = (await admin.get("/api/v1/audit?action=teams")).json()["items"][0]
    assert line["actor"] == "admin-0"
    assert (line["action"], line["target"], line["address"]) == ("teams.add", made["id"], "198.51.100.7")
    assert line["after"] == {"name": "shop", "selector": {}}
    assert (await admin.get("/api/v1/audit/verify")).json() == {"sound": True, "first_wrong": None}


async def test_secrets_are_not_in_it(as_role: As) -> None:
    admin = await as_role("admin")
    token = (await admin.post("/api/v1/tokens", json={"name": "mine"})).json()["secret"]
    link = (await admin.post("/api/v1/users", json={"name": "x", "role": "viewer"})).json()["link"]
    text = (await admin.get("/api/v1/audit?limit=1000")).text
    assert token not in text
    assert link not in text
    assert "a long secret" not in text


@pytest.mark.check("O13")
async def test_a_changed_line_is_named(as_role: As, rows: Callable[..., list[tuple[object, ...]]]) -> None:
    admin = await as_role("admin")
    rows("ALTER TABLE audit DISABLE TRIGGER audit_kept; UPDATE audit SET actor = 'x' WHERE id = 2")
    assert (await admin.get("/api/v1/audit/verify")).json() == {"sound": False, "first_wrong": 2}


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_others_may_not(as_role: As, role: str) -> None:
    client = await as_role(role)
    assert (await client.get("/api/v1/audit")).status_code == 403
    assert (await client.get("/api/v1/audit/verify")).status_code == 403


async def test_an_administrator_of_a_team_sees_own_lines(as_role: As, pool: Pool) -> None:
    whole = await as_role("admin")
    team = UUID((await whole.post("/api/v1/teams", json={"name": "a"})).json()["id"])
    part = await as_role("admin", teams=frozenset({team}))
    assert {one["actor"] for one in (await part.get("/api/v1/audit")).json()["items"]} == {"admin-1"}
    assert (await part.get("/api/v1/audit?actor=admin-0")).json()["items"] == []
    assert (await part.get("/api/v1/audit/verify")).status_code == 404


async def test_pages_go_back(as_role: As) -> None:
    admin = await as_role("admin")
    for number in range(5):
        await admin.post("/api/v1/teams", json={"name": f"team {number}"})
    first = (await admin.get("/api/v1/audit?action=teams&limit=3")).json()
    second = (await admin.get(f"/api/v1/audit?action=teams&limit=3&after={first['next']}")).json()
    assert [one["after"]["name"][-1] for one in first["items"] + second["items"]] == list("43210")
    assert second["next"] is None

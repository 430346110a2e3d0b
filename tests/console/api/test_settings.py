"""Settings have values before anybody sets them, are changed by version, and by administrators of everything alone."""

from uuid import UUID

import pytest

from tests.console.api.conftest import As


@pytest.mark.check("Z11")
@pytest.mark.parametrize(
    ("name", "first", "then"),
    [
        ("mfa", {"required": "nobody"}, {"required": "nobody"}),
        (
            "retention",
            {"facts": 30, "scans": 180, "events": 180, "jobs": 30},
            {"facts": 7, "scans": 9, "events": 8, "jobs": 1},
        ),
    ],
)
async def test_read_and_changed_by_version(
    as_role: As, name: str, first: dict[str, object], then: dict[str, object]
) -> None:
    admin, url = await as_role("admin"), f"/api/v1/settings/{name}"
    before = await admin.get(url)
    assert before.json() == first
    assert (await admin.put(url, json=then)).status_code == 428
    made = await admin.put(url, json=then, headers={"If-Match": before.headers["etag"]})
    assert (made.status_code, made.json()) == (200, then)
    for stale in (before.headers["etag"], '"7"', "x"):
        assert (await admin.put(url, json=first, headers={"If-Match": stale})).status_code == 412


@pytest.mark.check("A13")
async def test_a_policy_holds_at_once_for_who_sets_it_too(as_role: As) -> None:
    admin, viewer = await as_role("admin"), await as_role("viewer")
    body, version = {"required": "admins"}, {"If-Match": '"0"'}
    assert (await admin.put("/api/v1/settings/mfa", json=body, headers=version)).status_code == 200
    assert (await admin.get("/api/v1/settings/mfa")).status_code == 403
    assert (await viewer.get("/api/v1/teams")).status_code == 200


async def test_a_change_is_written_down_with_before_and_after(as_role: As) -> None:
    admin = await as_role("admin")
    body = {"facts": 7}
    await admin.put("/api/v1/settings/retention", json=body, headers={"If-Match": '"0"'})
    (line,) = (await admin.get("/api/v1/audit?action=settings")).json()["items"]
    assert (line["target"], line["before"]["facts"], line["after"]["facts"]) == ("retention", 30, 7)


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_others_may_not(as_role: As, role: str) -> None:
    client = await as_role(role)
    assert (await client.get("/api/v1/settings/mfa")).status_code == 403
    answer = await client.put("/api/v1/settings/mfa", json={}, headers={"If-Match": '"0"'})
    assert answer.status_code == 403


async def test_an_administrator_of_a_team_may_not_set_for_all(as_role: As) -> None:
    whole = await as_role("admin")
    team = UUID((await whole.post("/api/v1/teams", json={"name": "a"})).json()["id"])
    part = await as_role("admin", teams=frozenset({team}))
    answer = await part.put("/api/v1/settings/mfa", json={}, headers={"If-Match": '"0"'})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "body"),
    [("mfa", {"required": "x"}), ("mfa", {"x": 1}), ("retention", {"facts": 0}), ("retention", {"facts": 10**9})],
)
async def test_what_is_no_setting(as_role: As, name: str, body: dict[str, object]) -> None:
    admin = await as_role("admin")
    answer = await admin.put(f"/api/v1/settings/{name}", json=body, headers={"If-Match": '"0"'})
    assert answer.status_code == 400

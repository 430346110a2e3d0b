"""Administrators invite and change people, and one of them always stays; nobody gives more than they have."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As

ADMIN = {"role": "admin", "everything": True}


async def team(pool: Pool, name: str) -> UUID:
    async with pool.connection() as connection:
        row = await (await connection.execute("INSERT INTO team (name) VALUES (%s) RETURNING id", (name,))).fetchone()
    assert row
    id: UUID = row[0]
    return id


async def named(client: httpx.AsyncClient, name: str) -> dict[str, object]:
    (found,) = [one for one in (await client.get("/api/v1/users")).json()["items"] if one["name"] == name]
    return dict(found)


async def put(client: httpx.AsyncClient, user: object, version: object, **rights: object) -> httpx.Response:
    return await client.put(f"/api/v1/users/{user}", json=rights, headers={"If-Match": f'"{version}"'})


async def test_who_is_invited_signs_in_by_the_link(as_role: As, anonymous: httpx.AsyncClient) -> None:
    admin = await as_role("admin")
    made = await admin.post("/api/v1/users", json={"name": "Ünn Öst", "role": "viewer", "email": "u@example.org"})
    assert made.status_code == 201, made.text
    body = {"link": made.json()["link"], "password": "a very long secret"}
    assert (await anonymous.post("/api/v1/session/link", json=body)).status_code == 201
    assert (await anonymous.get("/api/v1/me")).json()["teams"] == []
    shown = await admin.get(f"/api/v1/users/{made.json()['id']}")
    assert shown.json()["email"] == "u@example.org"
    assert "password" not in shown.text
    assert (await admin.post("/api/v1/users", json={"name": "ünn öst", "role": "viewer"})).status_code == 409


@pytest.mark.parametrize("role", ["viewer", "operator"])
async def test_others_may_not(as_role: As, role: str) -> None:
    client = await as_role(role)
    assert (await client.get("/api/v1/users")).status_code == 403
    assert (await client.post("/api/v1/users", json={"name": "x", "role": "admin"})).status_code == 403
    assert (await put(client, uuid4(), 1, **ADMIN)).status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        {"id": str(UUID(int=1))},
        {"created": "2020-01-01T00:00:00Z"},
        {"version": 7},
        {"password": "x"},
        {"role": "root"},
        {"name": ""},
        {"name": " x"},
        {"name": "a\u202eb"},
        {"name": "a\nb"},
        {"name": "a\x00b"},
        {"name": "x" * 201},
        {"email": "no address"},
        {"teams": ["x"]},
        {"teams": [str(UUID(int=1))]},
    ],
)
async def test_what_is_no_invitation(as_role: As, more: dict[str, object]) -> None:
    admin = await as_role("admin")
    answer = await admin.post("/api/v1/users", json={"name": "x", "role": "viewer"} | more)
    assert answer.status_code == 400, answer.text


@pytest.mark.check("A06")
@pytest.mark.check("Z11")
async def test_a_change_needs_the_version_and_ends_sessions(as_role: As) -> None:
    admin, viewer = await as_role("admin"), await as_role("viewer")
    user = await named(admin, "viewer-1")
    url = f"/api/v1/users/{user['id']}"
    assert (await admin.put(url, json={"role": "operator"})).status_code == 428
    assert (await put(admin, user["id"], 99, role="operator")).status_code == 412
    assert (await viewer.get("/api/v1/me")).status_code == 200
    changed = await put(admin, user["id"], user["version"], role="operator")
    assert changed.status_code == 200
    assert changed.headers["etag"] == f'"{changed.json()["version"]}"'
    assert (await put(admin, user["id"], user["version"], role="viewer")).status_code == 412
    assert (await viewer.get("/api/v1/me")).status_code == 401


async def test_who_is_disabled_is_out_at_once_with_their_tokens(as_role: As, anonymous: httpx.AsyncClient) -> None:
    admin, viewer = await as_role("admin"), await as_role("viewer")
    secret = (await viewer.post("/api/v1/tokens", json={"name": "mine"})).json()["secret"]
    user = await named(admin, "viewer-1")
    await put(admin, user["id"], user["version"], role="viewer", disabled=True)
    answer = await anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert (await viewer.get("/api/v1/me")).status_code == 401


@pytest.mark.check("A23")
@pytest.mark.parametrize(
    "rights", [{"role": "viewer"}, {"role": "admin"}, {"role": "admin", "everything": True, "disabled": True}]
)
async def test_the_last_administrator_stays(as_role: As, rights: dict[str, object]) -> None:
    admin = await as_role("admin")
    user = await named(admin, "admin-0")
    await admin.post("/api/v1/users", json={"name": "never came"} | ADMIN)
    assert (await put(admin, user["id"], user["version"], **rights)).status_code == 409
    version = {"If-Match": f'"{user["version"]}"'}
    assert (await admin.delete(f"/api/v1/users/{user['id']}", headers=version)).status_code == 409
    assert (await admin.post(f"/api/v1/users/{user['id']}/reset")).status_code == 409
    assert (await admin.get("/api/v1/me")).json()["role"] == "admin"


@pytest.mark.check("Z10")
async def test_of_two_who_lower_each_other_at_once_one_stays(as_role: As, pool: Pool) -> None:
    one, other = await as_role("admin"), await as_role("admin")
    first, second = await named(one, "admin-0"), await named(one, "admin-1")
    answers = await asyncio.gather(
        put(one, second["id"], second["version"], role="viewer"),
        put(other, first["id"], first["version"], role="viewer"),
    )
    assert 200 in {answer.status_code for answer in answers}
    async with pool.connection() as connection:
        found = await connection.execute("SELECT count(*) FROM person WHERE role = 'admin' AND everything")
        assert await found.fetchone() == (1,)


async def test_a_reset_ends_everything_and_lets_in_again(as_role: As, anonymous: httpx.AsyncClient) -> None:
    admin, viewer = await as_role("admin"), await as_role("viewer")
    user = await named(admin, "viewer-1")
    made = (await admin.post(f"/api/v1/users/{user['id']}/reset")).json()
    assert (await viewer.get("/api/v1/me")).status_code == 401
    old = {"name": "viewer-1", "password": "a long secret viewer-1"}
    assert (await anonymous.post("/api/v1/session", json=old)).status_code == 401
    body = {"link": made["link"], "password": "quite another secret"}
    assert (await anonymous.post("/api/v1/session/link", json=body)).status_code == 201


async def test_who_is_removed_is_gone(as_role: As) -> None:
    admin, viewer = await as_role("admin"), await as_role("viewer")
    user = await named(admin, "viewer-1")
    url, version = f"/api/v1/users/{user['id']}", {"If-Match": f'"{user["version"]}"'}
    assert (await admin.delete(url, headers={"If-Match": '"77"'})).status_code == 412
    assert (await admin.delete(url, headers=version)).status_code == 204
    assert (await admin.get(url)).status_code == 404
    assert (await viewer.get("/api/v1/me")).status_code == 401


async def test_an_administrator_of_a_team_gives_and_sees_no_more_than_that(as_role: As, pool: Pool) -> None:
    own, other = await team(pool, "own"), await team(pool, "other")
    whole, part = await as_role("admin"), await as_role("admin", teams=frozenset({own}))
    await as_role("viewer", teams=frozenset({other}))
    assert [one["name"] for one in (await part.get("/api/v1/users")).json()["items"]] == ["admin-1"]
    stranger = await named(whole, "viewer-2")
    assert (await part.get(f"/api/v1/users/{stranger['id']}")).status_code == 404
    assert (await put(part, stranger["id"], stranger["version"], role="viewer", teams=[str(own)])).status_code == 404
    assert (await part.post(f"/api/v1/users/{stranger['id']}/reset")).status_code == 404
    new = {"name": "x", "role": "viewer"}
    assert (await part.post("/api/v1/users", json=new | {"everything": True})).status_code == 403
    assert (await part.post("/api/v1/users", json=new | {"teams": [str(other)]})).status_code == 403
    assert (await part.post("/api/v1/users", json=new | {"teams": [str(own)]})).status_code == 201
    myself = await named(part, "admin-1")
    assert (await put(part, myself["id"], myself["version"], **ADMIN)).status_code == 403


async def test_pages_hold_everybody_once(as_role: As) -> None:
    admin = await as_role("admin")
    for number in range(5):
        await admin.post("/api/v1/users", json={"name": f"Person {number}", "role": "viewer"})
    found, more = [], "?limit=2"
    while more:
        page = (await admin.get(f"/api/v1/users{more}")).json()
        found += [one["name"] for one in page["items"]]
        more = f"?limit=2&after={page['next']}" if page["next"] else ""
    assert found == ["admin-0", *(f"Person {number}" for number in range(5))]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=-1", "limit=1e9", "after=x", "nmae=x", "after=gA"])
async def test_what_is_no_page(as_role: As, query: str) -> None:
    assert (await (await as_role("admin")).get(f"/api/v1/users?{query}")).status_code == 400

"""Signing in as a browser does, and what must not get anybody in."""

from datetime import UTC, datetime

import httpx
import pytest

from rightshift.console.auth.first import first_link
from rightshift.console.auth.secrets import made
from rightshift.console.store import audit
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As, Clock

PASSWORD = "nine unlikely words of mine"


@pytest.fixture
async def link(pool: Pool, clock: Clock) -> str:
    async with pool.connection() as connection:
        found = await first_link(connection, clock())
    assert found
    return found


async def use(client: httpx.AsyncClient, link: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/session/link", json={"link": link, "password": password})


async def sign_in(client: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    return await client.post("/api/v1/session", json={"name": name, "password": password})


@pytest.mark.check("A01")
@pytest.mark.parametrize(
    ("name", "password"), [("admin", "admin"), ("admin", "password"), ("admin", " "), ("root", "x")]
)
async def test_there_is_no_default_password(anonymous: httpx.AsyncClient, link: str, name: str, password: str) -> None:
    assert link
    assert (await sign_in(anonymous, name, password)).status_code == 401


@pytest.mark.check("A01")
async def test_the_first_link_works_once(anonymous: httpx.AsyncClient, link: str, pool: Pool, clock: Clock) -> None:
    assert (await use(anonymous, link, "short")).status_code == 400
    answer = await use(anonymous, link)
    assert answer.status_code == 201
    me = (await anonymous.get("/api/v1/me")).json()
    assert (me["name"], me["role"], me["teams"], me["csrf"]) == ("admin", "admin", None, answer.json()["csrf"])
    anonymous.cookies.clear()
    assert (await use(anonymous, link)).status_code == 401
    assert (await sign_in(anonymous, "Admin", PASSWORD)).status_code == 201
    async with pool.connection() as connection:
        assert await first_link(connection, clock()) is None


@pytest.mark.check("A01")
async def test_a_link_ends_after_a_day_and_a_new_one_ends_the_old(
    anonymous: httpx.AsyncClient, link: str, pool: Pool, clock: Clock
) -> None:
    async with pool.connection() as connection:
        newer = await first_link(connection, clock())
    assert newer
    assert (await use(anonymous, link)).status_code == 401
    clock.passes(hours=24, seconds=1)
    assert (await use(anonymous, newer)).status_code == 401


@pytest.mark.check("A07")
async def test_a_session_cookie_is_closed_to_scripts_and_ends(
    anonymous: httpx.AsyncClient, link: str, clock: Clock
) -> None:
    cookie = (await use(anonymous, link)).headers["set-cookie"]
    assert {"HttpOnly", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "samesite=lax" in cookie.lower()
    clock.passes(hours=11)
    assert (await anonymous.get("/api/v1/me")).status_code == 200
    clock.passes(hours=11)
    assert (await anonymous.get("/api/v1/me")).status_code == 200, "it was used since"
    clock.passes(hours=13)
    assert (await anonymous.get("/api/v1/me")).status_code == 401


async def test_by_tls_a_cookie_that_another_site_can_set_is_not_believed(
    anonymous: httpx.AsyncClient, link: str
) -> None:
    anonymous.base_url = httpx.URL("https://localhost")
    assert (await use(anonymous, link)).headers["set-cookie"].startswith("__Host-rightshift=")
    assert (await anonymous.get("/api/v1/me")).status_code == 200
    planted = {"Cookie": f"rightshift={anonymous.cookies['__Host-rightshift']}"}
    anonymous.cookies.clear()
    assert (await anonymous.get("/api/v1/me", headers=planted)).status_code == 401


async def test_a_session_does_not_live_for_ever(anonymous: httpx.AsyncClient, link: str, clock: Clock) -> None:
    await use(anonymous, link)
    for _ in range(16):
        assert (await anonymous.get("/api/v1/me")).status_code == 200
        clock.passes(hours=11)
    assert (await anonymous.get("/api/v1/me")).status_code == 401


async def test_signing_out_ends_it(anonymous: httpx.AsyncClient, link: str) -> None:
    csrf = (await use(anonymous, link)).json()["csrf"]
    assert (await anonymous.delete("/api/v1/session", headers={"X-CSRF-Token": csrf})).status_code == 204
    assert (await anonymous.get("/api/v1/me")).status_code == 401


@pytest.mark.check("W01")
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"X-CSRF-Token": "x"},
        {"X-CSRF-Token": "RIGHT", "Origin": "https://evil.example"},
        {"X-CSRF-Token": "RIGHT", "Origin": "null"},
        {"X-CSRF-Token": "RIGHT", "Origin": "http://sub.localhost"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "RIGHT", "Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_page_changes_nothing(anonymous: httpx.AsyncClient, link: str, sent: dict[str, str]) -> None:
    csrf = (await use(anonymous, link)).json()["csrf"]
    headers = {name: csrf if value == "RIGHT" else value for name, value in sent.items()}
    assert (await anonymous.delete("/api/v1/session", headers=headers)).status_code == 403
    assert (await anonymous.get("/api/v1/me")).status_code == 200


async def test_guessing_is_slowed_down_for_a_name_whether_it_exists_or_not(
    anonymous: httpx.AsyncClient, link: str, clock: Clock
) -> None:
    await use(anonymous, link)
    anonymous.cookies.clear()
    for name in ("admin", "nobody of that name"):
        answers = [await sign_in(anonymous, name, f"wrong {number}") for number in range(8)]
        assert {answer.status_code for answer in answers} == {401, 429}, name
        assert int(answers[-1].headers["retry-after"]) >= 1
        clock.passes(minutes=20)
    refused = []
    for name in ("admin", "nobody else"):
        refused.append((await sign_in(anonymous, name, "wrong")).json()["detail"])
        clock.passes(minutes=20)
    assert refused[0] == refused[1]


@pytest.mark.check("O14")
async def test_sign_ins_and_refusals_are_written_down(
    anonymous: httpx.AsyncClient, link: str, pool: Pool, clock: Clock
) -> None:
    await sign_in(anonymous, "admin", "wrong password")
    await use(anonymous, link)
    async with pool.connection() as connection:
        lines = [(kept.line.action, kept.line.outcome) for kept in await audit.page(connection, before=None, limit=10)]
        assert await audit.verify(connection) is None
    assert lines == [
        ("sessions.open", "done"),
        ("people.password", "done"),
        ("sessions.open", "failed"),
        ("people.link", "done"),
    ]


async def test_tokens_get_in_as_long_as_they_hold(as_role: As, anonymous: httpx.AsyncClient, clock: Clock) -> None:
    viewer = await as_role("viewer")
    made_token = (await viewer.post("/api/v1/tokens", json={"name": "mine", "days": 1})).json()
    headers = {"Authorization": f"Bearer {made_token['secret']}"}
    me = (await anonymous.get("/api/v1/me", headers=headers)).json()
    assert (me["kind"], me["role"]) == ("token", None)
    assert "tokens:own" not in me["permissions"]
    assert (await anonymous.post("/api/v1/tokens", json={"name": "more"}, headers=headers)).status_code == 403
    clock.passes(days=1, seconds=1)
    assert (await anonymous.get("/api/v1/me", headers=headers)).status_code == 401


async def test_a_revoked_token_gets_nobody_in(as_role: As, anonymous: httpx.AsyncClient) -> None:
    viewer, other = await as_role("viewer"), await as_role("viewer")
    token = (await viewer.post("/api/v1/tokens", json={"name": "mine"})).json()
    headers = {"Authorization": f"Bearer {token['secret']}"}
    assert (await other.delete(f"/api/v1/tokens/{token['id']}")).status_code == 404
    assert (await anonymous.get("/api/v1/me", headers=headers)).status_code == 200
    assert (await viewer.delete(f"/api/v1/tokens/{token['id']}")).status_code == 204
    assert (await anonymous.get("/api/v1/me", headers=headers)).status_code == 401
    (listed,) = (await viewer.get("/api/v1/tokens")).json()["items"]
    assert listed["revoked"]
    assert token["secret"] not in str(listed)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "x", "permissions": ["findings:accept"]}, 403),
        ({"name": "x", "permissions": ["users:write"]}, 403),
        ({"name": "x", "kind": "service", "permissions": ["scans:write"]}, 403),
        ({"name": "x", "kind": "enrolment"}, 403),
        ({"name": "x", "days": 0}, 400),
        ({"name": "x", "days": 10_000}, 400),
        ({"name": "", "days": 1}, 400),
        ({"name": "x", "role": "admin"}, 400),
        ({"name": "x", "id": "00000000-0000-0000-0000-000000000000"}, 400),
        ({"name": "x", "permissions": ["scans:read"]}, 201),
    ],
)
async def test_a_token_gives_no_more_than_its_maker_has(as_role: As, body: dict[str, object], status: int) -> None:
    viewer = await as_role("viewer")
    assert (await viewer.post("/api/v1/tokens", json=body)).status_code == status


@pytest.mark.parametrize("shown", ["Bearer x", "Basic eDp4", "Bearer ", "bearer rs_p_" + "0" * 49, "Bearer ÿ"])
async def test_what_is_no_token_is_refused(anonymous: httpx.AsyncClient, shown: str) -> None:
    answer = await anonymous.get("/api/v1/me", headers=[(b"Authorization", shown.encode("latin-1"))])
    assert answer.status_code == 401


async def test_an_address_that_guesses_tokens_waits(anonymous: httpx.AsyncClient) -> None:
    found = set()
    for _ in range(8):
        answer = await anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {made('person')}"})
        found.add(answer.status_code)
    assert found == {401, 429}


@pytest.mark.check("L06")
async def test_only_a_believed_proxy_says_who_comes_through_it(anonymous: httpx.AsyncClient, pool: Pool) -> None:
    for sent in ("203.0.113.9", "203.0.113.9, 192.0.2.1"):
        headers = {"X-Forwarded-For": sent}
        await anonymous.post("/api/v1/session", json={"name": "x", "password": "y"}, headers=headers)
    through = httpx.ASGITransport(anonymous._transport.app, client=("192.0.2.1", 1))  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=through, base_url="http://localhost") as proxied:
        headers = {"X-Forwarded-For": "10.0.0.1, 203.0.113.9"}
        await proxied.post("/api/v1/session", json={"name": "x", "password": "y"}, headers=headers)
    async with pool.connection() as connection:
        lines = await audit.page(connection, before=None, limit=3)
    assert [kept.line.address for kept in lines] == ["203.0.113.9", "198.51.100.7", "198.51.100.7"]


async def test_what_time_it_is_comes_from_outside(anonymous: httpx.AsyncClient, link: str, clock: Clock) -> None:
    clock.now = datetime(2030, 1, 1, tzinfo=UTC)
    assert (await use(anonymous, link)).status_code == 401

"""A second factor can be set up, can't be stepped over, holds once, and is required where that is the policy."""

import re
from datetime import datetime

import httpx
import pyotp
import pytest

from rightshift.console.store.pool import Pool
from tests.console.api.conftest import As, Clock

PASSWORD = "a long secret viewer-0"


async def with_factor(as_role: As, clock: Clock) -> tuple[httpx.AsyncClient, str, list[str]]:
    viewer = await as_role("viewer")
    begun = await viewer.post("/api/v1/account/second-factor", json={"password": PASSWORD})
    assert begun.status_code == 200, begun.text
    secret = begun.json()["secret"]
    assert secret in begun.json()["uri"]
    body = {"ticket": begun.json()["ticket"], "code": code(secret, clock())}
    answer = await viewer.put("/api/v1/account/second-factor", json=body)
    assert answer.status_code == 200, answer.text
    viewer.headers["X-CSRF-Token"] = answer.json()["csrf"]
    clock.passes(seconds=30)
    return viewer, secret, answer.json()["recovery_codes"]


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


async def sign_in(client: httpx.AsyncClient) -> httpx.Response:
    return await client.post("/api/v1/session", json={"name": "viewer-0", "password": PASSWORD})


async def give(client: httpx.AsyncClient, text: str) -> httpx.Response:
    return await client.post("/api/v1/session/code", json={"code": text})


@pytest.mark.check("A06")
@pytest.mark.check("A10")
async def test_password_and_code_sign_in_and_a_code_holds_once(
    as_role: As, anonymous: httpx.AsyncClient, clock: Clock
) -> None:
    _, secret, _ = await with_factor(as_role, clock)
    begun = await sign_in(anonymous)
    assert begun.json() == {"name": "viewer-0", "complete": False, "csrf": ""}
    before = anonymous.cookies["rightshift"]
    assert (await anonymous.get("/api/v1/me")).status_code == 401
    assert (await anonymous.get("/api/v1/teams")).status_code == 401
    assert (await give(anonymous, code(secret, clock()))).status_code == 201
    assert anonymous.cookies["rightshift"] != before
    assert (await anonymous.get("/api/v1/me")).status_code == 200
    anonymous.cookies.clear()
    anonymous.cookies["rightshift"] = before
    assert (await anonymous.get("/api/v1/me")).status_code == 401
    anonymous.cookies.clear()
    await sign_in(anonymous)
    assert (await give(anonymous, code(secret, clock()))).status_code == 401


@pytest.mark.check("A10")
@pytest.mark.parametrize(("off_s", "status"), [(31, 201), (-29, 401), (91, 401)])
async def test_a_clock_may_be_a_step_ahead_and_no_used_step_holds_again(
    as_role: As, anonymous: httpx.AsyncClient, clock: Clock, off_s: int, status: int
) -> None:
    _, secret, _ = await with_factor(as_role, clock)
    await sign_in(anonymous)
    shown = pyotp.TOTP(secret).at(int(clock().timestamp()) + off_s)
    assert (await give(anonymous, shown)).status_code == status


@pytest.mark.check("A10")
async def test_guesses_are_slowed_down_also_with_fresh_sessions(
    as_role: As, anonymous: httpx.AsyncClient, clock: Clock
) -> None:
    await with_factor(as_role, clock)
    found = []
    for _ in range(8):
        await sign_in(anonymous)
        found.append((await give(anonymous, "000000")).status_code)
    assert found[-1] == 429
    assert set(found) == {401, 429}


async def test_a_code_alone_is_nothing_and_the_wait_for_it_ends(
    as_role: As, anonymous: httpx.AsyncClient, clock: Clock
) -> None:
    _, secret, _ = await with_factor(as_role, clock)
    assert (await give(anonymous, code(secret, clock()))).status_code == 401
    await sign_in(anonymous)
    clock.passes(minutes=6)
    assert (await give(anonymous, code(secret, clock()))).status_code == 401


@pytest.mark.check("A12")
async def test_recovery_codes_hold_once_and_only_hashes_are_kept(
    as_role: As, anonymous: httpx.AsyncClient, clock: Clock, pool: Pool
) -> None:
    _, secret, codes = await with_factor(as_role, clock)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([2-9a-z]{4}-){3}[2-9a-z]{4}", one) for one in codes)
    await sign_in(anonymous)
    assert (await give(anonymous, codes[0].upper())).status_code == 201
    anonymous.cookies.clear()
    await sign_in(anonymous)
    assert (await give(anonymous, codes[0])).status_code == 401
    async with pool.connection() as connection:
        found = await connection.execute("SELECT hash FROM recovery_code UNION SELECT totp FROM person")
        kept = b"".join(bytes(row[0]) for row in await found.fetchall() if row[0])
    assert len(kept) > 9 * 32
    assert secret.encode() not in kept
    assert codes[1].encode() not in kept


async def test_new_recovery_codes_end_the_old(as_role: As, anonymous: httpx.AsyncClient, clock: Clock) -> None:
    viewer, secret, codes = await with_factor(as_role, clock)
    answer = await viewer.post("/api/v1/account/recovery-codes", json={"code": code(secret, clock())})
    assert len(answer.json()["recovery_codes"]) == 10
    await sign_in(anonymous)
    assert (await give(anonymous, codes[0])).status_code == 401
    assert (await give(anonymous, answer.json()["recovery_codes"][0])).status_code == 201


async def test_it_ends_for_a_code(as_role: As, anonymous: httpx.AsyncClient, clock: Clock) -> None:
    viewer, secret, _ = await with_factor(as_role, clock)
    assert (await viewer.post("/api/v1/account/second-factor/end", json={"code": "123456"})).status_code == 400
    answer = await viewer.post("/api/v1/account/second-factor/end", json={"code": code(secret, clock())})
    assert answer.status_code == 200
    assert (await sign_in(anonymous)).json()["complete"]


async def test_nobody_else_uses_the_ticket(as_role: As, clock: Clock) -> None:
    viewer, other = await as_role("viewer"), await as_role("viewer")
    begun = (await viewer.post("/api/v1/account/second-factor", json={"password": PASSWORD})).json()
    body = {"ticket": begun["ticket"], "code": code(begun["secret"], clock())}
    assert (await other.put("/api/v1/account/second-factor", json=body)).status_code == 400
    clock.passes(minutes=11)
    late = {"ticket": begun["ticket"], "code": code(begun["secret"], clock())}
    assert (await viewer.put("/api/v1/account/second-factor", json=late)).status_code == 400
    assert (await viewer.put("/api/v1/account/second-factor", json=late | {"ticket": "é"})).status_code == 400


async def test_a_password_is_changed_for_the_one_of_now_and_other_sessions_end(
    as_role: As, anonymous: httpx.AsyncClient
) -> None:
    viewer = await as_role("viewer")
    await sign_in(anonymous)
    new = {"current": PASSWORD, "password": "quite another secret"}
    assert (await viewer.put("/api/v1/account/password", json=new | {"current": "wrong"})).status_code == 400
    assert (await viewer.put("/api/v1/account/password", json=new | {"password": "Password1234"})).status_code == 400
    assert (await viewer.put("/api/v1/account/password", json=new)).status_code == 200
    assert (await viewer.get("/api/v1/me")).status_code == 200
    assert (await anonymous.get("/api/v1/me")).status_code == 401
    anonymous.cookies.clear()
    assert (await sign_in(anonymous)).status_code == 401


@pytest.mark.check("A13")
@pytest.mark.parametrize(("required", "status"), [("everybody", 403), ("admins", 200), ("nobody", 200)])
async def test_where_it_is_required_nothing_comes_before_it(
    as_role: As, anonymous: httpx.AsyncClient, pool: Pool, clock: Clock, required: str, status: int
) -> None:
    viewer = await as_role("viewer")
    token = (await viewer.post("/api/v1/tokens", json={"name": "mine"})).json()["secret"]
    async with pool.connection() as connection:
        value = f'{{"required": "{required}"}}'
        await connection.execute("INSERT INTO setting (name, value) VALUES ('mfa', %s)", (value,))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await viewer.get("/api/v1/teams")).status_code == status
    assert (await anonymous.get("/api/v1/teams", headers=headers)).status_code == status
    assert (await viewer.get("/api/v1/me")).json()["must_enrol"] is (status == 403)
    begun = (await viewer.post("/api/v1/account/second-factor", json={"password": PASSWORD})).json()
    body = {"ticket": begun["ticket"], "code": code(begun["secret"], clock())}
    assert (await viewer.put("/api/v1/account/second-factor", json=body)).status_code == 200
    assert (await viewer.get("/api/v1/teams")).status_code == 200
    assert (await anonymous.get("/api/v1/teams", headers=headers)).status_code == 200


async def test_refusals_are_written_down(as_role: As, pool: Pool) -> None:
    viewer = await as_role("viewer")
    assert (await viewer.get("/api/v1/users")).status_code == 403
    async with pool.connection() as connection:
        found = await connection.execute("SELECT actor, target FROM audit WHERE outcome = 'denied'")
        assert await found.fetchall() == [("viewer-0", "GET /api/v1/users")]


@pytest.mark.check("W01")
async def test_another_page_signs_nobody_in(as_role: As, anonymous: httpx.AsyncClient) -> None:
    await as_role("viewer")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        body = {"name": "viewer-0", "password": PASSWORD}
        assert (await anonymous.post("/api/v1/session", json=body, headers=headers)).status_code == 403

"""Signing in through a provider as a browser does: `/session/providers`, and what must not get anybody in."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from rightshift.console.store import audit
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import Clock, client
from tests.console.api.provided import (
    BACK,
    GOING,
    NewBrowser,
    add,
    admin,
    anonymous,
    application,
    browser,
    change,
    come_back,
    corp,
    go,
    kept,
    me,
    provider,
    remembers,
    sign_in,
)
from tests.console.auth.provider import SECRET, WELL_KNOWN, Claims, StandIn, key, signed
from tests.console.auth.wrong import ANSWERS, RIGHT, TOKENS, Wrongs
from tests.egress.peers import reply

__all__ = ["admin", "anonymous", "browser", "corp", "provider"]
"""Fixtures: pytest finds them by name."""
Rows = Callable[..., list[tuple[object, ...]]]
_BY_REASON = {why: name for name, (_, why) in (TOKENS | ANSWERS).items()}
ONE_OF_EACH = {name: (TOKENS | ANSWERS)[name] for name in ("alg none with a signature", *_BY_REASON.values())}
SAID = {
    "What the provider says of you can't be trusted; ask an administrator",
    "What the provider says of you can't be used; ask an administrator",
    "The provider does not answer as it should; try again later, or ask an administrator",
}
"""All that the browser is told."""
pytestmark = pytest.mark.usefixtures("corp")


async def failures(pool: Pool) -> list[Line]:
    async with pool.connection() as connection:
        lines = [kept.line for kept in await audit.page(connection, before=None, limit=100)]
        assert await audit.verify(connection) is None
    return [line for line in lines if line.action == "sessions.provider"]


async def test_who_the_provider_knows_is_signed_in_and_goes_on(
    browser: NewBrowser, provider: StandIn, pool: Pool
) -> None:
    asking = await browser()
    answer = await sign_in(asking, provider, email="ana@corp.example", email_verified=True, groups=["ops"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/findings?x=1")
    found = await me(asking)
    assert (found["name"], found["role"], found["teams"], found["must_enrol"]) == ("ana", "operator", None, False)
    assert not await failures(pool)
    async with pool.connection() as connection:
        (opened,) = [kept.line for kept in await audit.page(connection, before=None, limit=9, action="sessions")]
    assert (opened.actor, opened.action, opened.after) == ("ana", "sessions.open", {"provider": "corp"})


async def test_the_page_is_told_which_buttons_to_show_and_nothing_else(
    anonymous: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    assert (await anonymous.get("/api/v1/session/methods")).json() == {"providers": [{"name": "corp", "label": "Corp"}]}
    await change(admin, enabled=False)
    assert (await anonymous.get("/api/v1/session/methods")).json() == {"providers": []}
    assert (await anonymous.post(GOING, json={})).status_code == 404
    assert (await anonymous.get("/api/v1/session/methods?x=1")).status_code == 400


async def test_what_the_browser_keeps_and_what_is_kept_here(browser: NewBrowser, rows: Rows) -> None:
    asking = await browser()
    answer = await asking.post(GOING, json={})
    (cookie,) = answer.headers.get_list("set-cookie")
    said = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/", "max-age=600"} <= said
    assert not any(part.startswith("domain") for part in said)
    name, _, secret = cookie.partition(";")[0].partition("=")
    assert name == "__Host-rightshift-provider"
    asked = {name: one for name, (one,) in parse_qs(urlsplit(answer.json()["url"]).query).items()}
    for one in (secret, asked["state"], asked["nonce"], asked["code_challenge"]):
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", one), "256 bits"
    kept = str(rows("SELECT to_jsonb(f) FROM oidc_flow f"))
    assert not any(one in kept for one in (secret, asked["state"], asked["nonce"], asked["code_challenge"]))


async def test_no_two_sign_ins_share_anything(browser: NewBrowser) -> None:
    asking = await browser()
    seen: set[str] = set()
    for _ in range(3):
        asked = parse_qs(urlsplit(await go(asking)).query)
        seen |= {asked[name][0] for name in ("state", "nonce", "code_challenge")}
    assert len(seen) == 9


@pytest.mark.check("A14")
@pytest.mark.parametrize("wrongs", [ONE_OF_EACH, pytest.param(TOKENS | ANSWERS, marks=pytest.mark.prove)])
async def test_what_is_wrong_gets_nobody_in_and_is_written_down(
    browser: NewBrowser, provider: StandIn, pool: Pool, rows: Rows, clock: Clock, wrongs: Wrongs
) -> None:
    """Each wrong token by itself: tests/console/auth/oidc/test_id_token.py."""
    asking = await browser()
    for name, (wrong, why) in wrongs.items():
        clock.passes(hours=2)  # failures are slowed down, and keys are asked for anew
        provider.right()
        wrong(provider)
        answer = await sign_in(asking, provider)
        assert answer.status_code in (400, 401), name
        assert answer.headers["content-type"] == "application/problem+json", name
        assert not await me(asking), name
        line = (await failures(pool))[0]
        assert (line.target, line.address, line.outcome) == ("corp", "198.51.100.7", "failed"), name
        assert line.after, name
        assert why in str(line.after["why"]), name
        assert answer.json()["detail"] in SAID, name
    assert len(await failures(pool)) == len(wrongs)
    assert rows("SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM person)") == [(0,)]


@pytest.mark.check("A14")
async def test_what_is_right_gets_in(browser: NewBrowser, provider: StandIn, clock: Clock) -> None:
    for name, right in RIGHT.items():
        asking = await browser()
        clock.passes(hours=2)  # what a provider publishes is asked for anew
        provider.right()
        right(provider)
        answer = await sign_in(asking, provider)
        assert answer.status_code == 303, (name, answer.text)
        assert (await me(asking))["name"] == "ana", name


@pytest.mark.check("A14")
async def test_a_wrong_answer_by_the_browser_gets_nobody_in(
    browser: NewBrowser, provider: StandIn, pool: Pool, clock: Clock
) -> None:
    asking = await browser()
    wrong = (
        {"state": "x" * 43},
        {"state": ""},
        {"iss": "https://other.example"},
        {"iss": ""},
        {"code": "no code"},
        {"code": ""},
        {"code": "x" * 5_000},
        {"error": "access_denied"},
    )
    for returned in wrong:
        clock.passes(minutes=20)
        answer = await come_back(asking, provider.approve(await go(asking)) | returned)
        assert answer.status_code == 401, returned
        assert not await me(asking)
    assert len(await failures(pool)) == len(wrong)


async def test_a_parameter_that_comes_twice_is_none(browser: NewBrowser, provider: StandIn) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    answer = await asking.get(f"{BACK}?{httpx.QueryParams(returned)}&state={returned['state']}")
    assert answer.status_code == 401


async def test_whether_iss_comes_back_is_what_the_provider_said(browser: NewBrowser, provider: StandIn) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    del returned["iss"]
    assert (await come_back(asking, returned)).status_code == 401


async def test_a_provider_that_promises_no_iss_need_send_none(browser: NewBrowser, provider: StandIn) -> None:
    del provider.document["authorization_response_iss_parameter_supported"]
    asking = await browser()
    returned = provider.approve(await go(asking))
    del returned["iss"]
    assert (await come_back(asking, returned)).status_code == 303


async def test_what_the_provider_refuses_is_said_without_its_words(
    browser: NewBrowser, provider: StandIn, pool: Pool
) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking)) | {"error": "<script>", "error_description": "<img src=x>\r\nX: y"}
    answer = await asking.get(f"{BACK}?{httpx.QueryParams(returned)}", headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "The provider refused the sign-in" in answer.text
    assert "script" not in answer.text
    assert "img" not in answer.text
    (line,) = await failures(pool)
    assert line.after == {"reason": "denied", "why": "<script>", "description": "<img src=x> X: y"}


@pytest.mark.check("A15")
async def test_state_and_code_hold_once(browser: NewBrowser, provider: StandIn, pool: Pool) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    secret = kept(asking)
    assert (await come_back(asking, returned)).status_code == 303
    assert "__Host-rightshift-provider" not in asking.cookies
    remembers(asking, secret)
    assert (await come_back(asking, returned)).status_code == 401
    (line,) = await failures(pool)
    assert line.after == {"reason": "state", "why": "not begun by this browser, used, or over"}
    assert not await me(asking)


@pytest.mark.check("A15")
async def test_only_the_browser_that_began_comes_back(browser: NewBrowser, provider: StandIn) -> None:
    victim, other = await browser(), await browser()
    returned = provider.approve(await go(victim))
    assert (await come_back(other, returned)).status_code == 401
    await go(other)
    assert (await come_back(other, returned)).status_code == 401
    assert not await me(other)
    assert (await come_back(victim, returned)).status_code == 303, "the other one spoilt nothing"


@pytest.mark.check("A15")
async def test_a_code_of_another_sign_in_is_refused_by_its_verifier(
    browser: NewBrowser, provider: StandIn, pool: Pool
) -> None:
    victim, thief = await browser(), await browser()
    stolen = provider.approve(await go(victim))
    own = provider.approve(await go(thief))
    answer = await come_back(thief, own | {"code": stolen["code"]})
    assert answer.status_code == 401
    assert not await me(thief)
    (line,) = await failures(pool)
    assert line.after == {"reason": "code", "why": "invalid_grant"}


@pytest.mark.check("A15")
async def test_of_two_who_come_back_at_once_one_gets_in(browser: NewBrowser, provider: StandIn, rows: Rows) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    both = [await browser() for _ in range(2)]
    for one in both:
        remembers(one, kept(asking))
    answers = await asyncio.gather(*(come_back(one, returned) for one in both))
    assert sorted(answer.status_code for answer in answers) == [303, 401]
    assert rows("SELECT count(*) FROM session") == [(1,)]


@pytest.mark.check("A15")
async def test_a_sign_in_ends_after_ten_minutes(browser: NewBrowser, provider: StandIn, clock: Clock) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    clock.passes(minutes=10, seconds=1)
    assert (await come_back(asking, returned)).status_code == 401


async def test_a_sign_in_under_way_does_not_outlast_a_change_of_settings(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    assert (await change(admin, label="Renamed")).status_code == 200
    assert (await come_back(asking, returned)).status_code == 401
    assert (await sign_in(asking, provider)).status_code == 303


async def test_a_provider_that_is_switched_off_in_the_middle_lets_nobody_in(
    browser: NewBrowser, provider: StandIn, rows: Rows
) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))

    def meanwhile(header: Claims, claims: Claims) -> str:
        rows("UPDATE identity_provider SET enabled = false, version = version + 1")
        return signed(header, claims, key("RS256", 0))

    provider.make_token = meanwhile
    assert (await come_back(asking, returned)).status_code == 401
    assert rows("SELECT count(*) FROM session") == [(0,)]


@pytest.mark.check("A16")
@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email_verified": True}])
async def test_a_mail_address_or_a_name_takes_nobody_over(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, rows: Rows, claims: dict[str, object]
) -> None:
    rows("UPDATE person SET email = 'boss@corp.example' WHERE name = 'admin-0'")
    asking = await browser()
    await sign_in(asking, provider, email="boss@corp.example", preferred_username="Admin-0", **claims)
    found = await me(asking)
    assert (found["name"], found["role"]) == ("Admin-0 (corp)", "viewer")
    assert (await me(admin))["name"] == "admin-0"
    stored = rows("SELECT email FROM person WHERE name = 'Admin-0 (corp)'")
    assert stored == [("boss@corp.example" if claims.get("email_verified") else "",)]


@pytest.mark.check("A16")
async def test_issuer_and_subject_are_who_it_is_whatever_else_changes(
    browser: NewBrowser, provider: StandIn, rows: Rows
) -> None:
    for name in ("ana", "anna", "bob"):
        asking = await browser()
        await sign_in(asking, provider, preferred_username=name, email=f"{name}@corp.example", email_verified=True)
        assert (await me(asking))["name"] == "ana"
    other = await browser()
    await sign_in(other, provider, sub="subject-2", email="ana@corp.example", email_verified=True)
    assert (await me(other))["name"] == "ana (corp)"
    third = await browser()
    await sign_in(third, provider, sub="subject-3")
    assert (await me(third))["name"] == "ana (corp 2)"
    assert rows("SELECT count(*) FROM person WHERE subject IS NOT NULL") == [(3,)]


@pytest.mark.check("A18")
async def test_after_the_sign_in_one_stays_on_this_site(browser: NewBrowser, provider: StandIn) -> None:
    for asked in ("//evil.example", "/\\evil.example", "https:evil", "/x%0d%0aA: b", "javascript:x"):
        asking = await browser()
        answer = await come_back(asking, provider.approve(await go(asking, asked)))
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), asked


async def test_a_session_of_before_ends_and_the_new_one_has_another_secret(
    browser: NewBrowser, provider: StandIn
) -> None:
    asking, late = await browser(), await browser()
    await sign_in(asking, provider)
    remembers(late, kept(asking))
    assert await me(late)
    assert await me(asking)
    await sign_in(asking, provider)
    assert await me(asking)
    assert not await me(late)


async def test_signing_out_ends_it(browser: NewBrowser, provider: StandIn) -> None:
    asking = await browser()
    await sign_in(asking, provider)
    await me(asking)
    assert (await asking.delete("/api/v1/session")).status_code == 204
    assert not await me(asking)


async def test_another_page_begins_no_sign_in(browser: NewBrowser) -> None:
    asking = await browser()
    answer = await asking.post(GOING, json={}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_guessing_is_slowed_down_by_address(browser: NewBrowser, provider: StandIn, clock: Clock) -> None:
    asking = await browser()
    answers = [await come_back(asking, {"state": str(number), "code": "x"}) for number in range(8)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert (await asking.post(GOING, json={})).status_code == 429
    clock.passes(minutes=20)
    assert (await sign_in(asking, provider)).status_code == 303


async def test_one_address_keeps_only_so_many_sign_ins_under_way(browser: NewBrowser, rows: Rows) -> None:
    rows(
        "INSERT INTO oidc_flow SELECT sha256(g::text::bytea), '', 'corp', 1, '', '', '198.51.100.7',"
        " '2026-01-05 12:09Z' FROM generate_series(1, 300) g"
    )
    await go(await browser())
    assert rows("SELECT count(*) FROM oidc_flow") == [(200,)]


async def test_a_second_process_finishes_what_the_first_began(
    browser: NewBrowser, provider: StandIn, pool: Pool, database: str, clock: Clock, tmp_path: Path
) -> None:
    asking = await browser()
    returned = provider.approve(await go(asking))
    async with client(application(pool, database, tmp_path, clock, provider)) as second:
        second.base_url = httpx.URL("https://localhost")
        remembers(second, kept(asking))
        assert (await come_back(second, returned)).status_code == 303


async def test_secrets_stand_nowhere(
    browser: NewBrowser,
    provider: StandIn,
    admin: httpx.AsyncClient,
    rows: Rows,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(0)
    asking = await browser()
    answers = [await sign_in(asking, provider)]
    assert await me(asking)
    provider.answers["/token"] = lambda _: reply(500, SECRET.encode())
    answers += [await sign_in(asking, provider), await change(admin, label="x", client_secret="another s3cret")]
    answers += [await admin.get(path) for path in ("/api/v1/identity-providers", "/api/v1/audit?limit=1000")]
    names = ("identity_provider", "audit", "oidc_flow", "person", "setting")
    tables = [rows(f"SELECT to_jsonb(t) FROM {name} t") for name in names]
    said = " ".join(one.text + str(one.headers) for one in answers)
    everything = " ".join([said, caplog.text, *capfd.readouterr(), str(tables)])
    for secret in ("s3cret", SECRET.encode().hex(), b"another s3cret".hex()):
        assert secret not in everything, everything[max(0, everything.index(secret) - 300) :][:600]


async def test_people_of_a_provider_that_is_gone_are_out_and_come_back_with_it(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    asking = await browser()
    await sign_in(asking, provider)
    await me(asking)
    token = (await asking.post("/api/v1/tokens", json={"name": "mine"})).json()["secret"]
    headers = {"Authorization": f"Bearer {token}"}
    bare = await browser()
    assert (await bare.get("/api/v1/me", headers=headers)).status_code == 200
    found = await admin.get("/api/v1/identity-providers/corp")
    gone = await admin.delete("/api/v1/identity-providers/corp", headers={"If-Match": found.headers["etag"]})
    assert gone.status_code == 204
    assert not await me(asking)
    assert (await bare.get("/api/v1/me", headers=headers)).status_code == 401
    await add(admin, provider)
    assert not await me(asking)
    assert (await sign_in(asking, provider)).status_code == 303
    assert (await me(asking))["name"] == "ana"


async def test_who_is_disabled_stays_out(browser: NewBrowser, provider: StandIn, rows: Rows, pool: Pool) -> None:
    asking = await browser()
    await sign_in(asking, provider)
    rows("UPDATE person SET disabled = true WHERE subject IS NOT NULL")
    assert not await me(asking)
    assert (await sign_in(asking, provider)).status_code == 401
    (line,) = await failures(pool)
    assert (line.actor, line.after) == ("ana", {"reason": "disabled", "person": "ana", "subject": "subject-1"})


async def test_a_provider_may_get_new_keys_at_any_time(browser: NewBrowser, provider: StandIn, clock: Clock) -> None:
    assert (await sign_in(await browser(), provider)).status_code == 303
    provider.rotate("two", 1)
    clock.passes(seconds=30)
    assert (await sign_in(await browser(), provider)).status_code == 303


async def test_a_provider_that_is_away_is_said_to_be_and_written_down_once(
    browser: NewBrowser, provider: StandIn, pool: Pool
) -> None:
    provider.answers[WELL_KNOWN] = lambda _: reply(500)
    asking = await browser()
    for _ in range(3):
        answer = await asking.post(GOING, json={})
        assert (answer.status_code, answer.json()["title"]) == (400, "Bad request")
        assert "The provider does not answer" in answer.json()["detail"]
    (line,) = await failures(pool)
    assert line.after == {"reason": "provider", "why": "status 500"}


async def test_a_cookie_that_another_site_can_set_is_not_believed(browser: NewBrowser, provider: StandIn) -> None:
    attacker, victim = await browser(), await browser()
    returned = provider.approve(await go(attacker), sub="attacker")
    remembers(victim, kept(attacker).replace("__Host-", ""))
    assert (await come_back(victim, returned)).status_code == 401
    remembers(victim, kept(attacker))
    assert (await come_back(victim, returned)).status_code == 303


async def test_on_this_machine_it_also_goes_without_tls(anonymous: httpx.AsyncClient, provider: StandIn) -> None:
    returned = provider.approve(await go(anonymous))
    assert list(anonymous.cookies) == ["rightshift-provider"]
    assert (await come_back(anonymous, returned)).status_code == 303
    assert list(anonymous.cookies) == ["rightshift"]
    assert (await me(anonymous))["name"] == "ana"


async def test_behind_a_proxy_the_console_is_where_it_was_said_to_be(
    anonymous: httpx.AsyncClient, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    await change(admin, console="https://rightshift.corp.example")
    answer = await anonymous.post(GOING, json={})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-rightshift-provider=")
    assert "Secure" in cookie
    asked = parse_qs(urlsplit(answer.json()["url"]).query)
    assert asked["redirect_uri"] == [f"https://rightshift.corp.example{BACK}"]
    remembers(anonymous, cookie.partition(";")[0])
    done = await come_back(anonymous, provider.approve(answer.json()["url"]))
    assert done.status_code == 303
    assert any(one.startswith("__Host-rightshift=") for one in done.headers.get_list("set-cookie"))


async def test_a_name_that_can_not_be_used_is_refused_clearly(
    browser: NewBrowser, provider: StandIn, rows: Rows
) -> None:
    for name in ("a\u202eb", "a\0", "x" * 10_000, ["ana"]):
        answer = await sign_in(await browser(), provider, preferred_username=name)
        assert (answer.status_code, answer.json()["detail"]) == (
            400,
            "The provider gave you a name that can't be used here; ask an administrator",
        )
    assert rows("SELECT count(*) FROM person WHERE subject IS NOT NULL") == [(0,)]

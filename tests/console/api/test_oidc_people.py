"""What people of a provider may do and see follows from their groups at each sign-in; what they owe beside it."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest

from rightshift.console.store import audit
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Pool
from tests.console.api.conftest import Clock
from tests.console.api.provided import (
    Browser,
    NewBrowser,
    admin,
    anonymous,
    browser,
    change,
    come_back,
    corp,
    go,
    me,
    provider,
    sign_in,
)
from tests.console.api.test_oidc import Rows
from tests.console.auth.provider import StandIn

__all__ = ["admin", "anonymous", "browser", "corp", "provider"]
"""Fixtures: pytest finds them by name."""
pytestmark = pytest.mark.usefixtures("corp")


async def lines(pool: Pool, action: str) -> list[Line]:
    async with pool.connection() as connection:
        return [kept.line for kept in await audit.page(connection, before=None, limit=100, action=action)]


async def team(admin: httpx.AsyncClient, name: str) -> UUID:
    return UUID((await admin.post("/api/v1/teams", json={"name": name})).json()["id"])


async def as_groups(browser: NewBrowser, provider: StandIn, *groups: str, **claims: Any) -> tuple[Browser, int]:
    asking = await browser()
    answer = await sign_in(asking, provider, groups=list(groups), **claims)
    return asking, answer.status_code


async def test_groups_give_role_and_teams_anew_at_each_sign_in(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, pool: Pool
) -> None:
    a, b = await team(admin, "a"), await team(admin, "b")
    rules = [
        {"group": "dev", "role": "viewer", "teams": [str(a)]},
        {"group": "team b", "teams": [str(b)]},
        {"group": "ops", "role": "operator"},
        {"group": "all", "everything": True},
    ]
    assert (await change(admin, rules=rules, otherwise=None)).status_code == 200
    seen = []
    for groups in (["dev"], ["dev", "team b"], ["ops", "team b"], ["ops", "all"], ["dev"]):
        asking, _ = await as_groups(browser, provider, *groups)
        found = await me(asking)
        seen.append((found["role"], found["teams"] and {UUID(one) for one in found["teams"]}))
    assert seen == [("viewer", {a}), ("viewer", {a, b}), ("operator", {b}), ("operator", None), ("viewer", {a})]
    changes = await lines(pool, "people.change")
    assert [line.actor_kind for line in changes] == ["console"] * 4
    assert changes[0].before == {"role": "operator", "everything": True, "teams": []}
    assert changes[0].after == {"role": "viewer", "everything": False, "teams": [str(a)], "by": "groups"}
    (added,) = await lines(pool, "people.add")
    assert added.after
    assert (added.target, added.after["provider"], added.after["subject"]) == ("ana", "corp", "subject-1")


async def test_who_gets_other_rights_loses_what_was_open_with_the_old_ones(
    browser: NewBrowser, provider: StandIn
) -> None:
    first, _ = await as_groups(browser, provider, "ops")
    same, _ = await as_groups(browser, provider, "ops")
    assert await me(first)
    lower, _ = await as_groups(browser, provider)
    assert not await me(first)
    assert not await me(same)
    assert (await me(lower))["role"] == "viewer"


async def test_who_has_no_role_any_more_is_out_with_sessions_and_tokens_until_they_have(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, pool: Pool
) -> None:
    asking, _ = await as_groups(browser, provider, "ops")
    await me(asking)
    token = (await asking.post("/api/v1/tokens", json={"name": "mine"})).json()["secret"]
    bare, headers = await browser(), {"Authorization": f"Bearer {token}"}
    assert (await change(admin, otherwise=None)).status_code == 200
    assert (await bare.get("/api/v1/me", headers=headers)).status_code == 200, "nobody knows better yet"
    _, status = await as_groups(browser, provider, "others")
    assert status == 401
    assert not await me(asking)
    assert (await bare.get("/api/v1/me", headers=headers)).status_code == 401
    (line,) = await lines(pool, "sessions.provider")
    assert line.after == {"reason": "role", "why": "no group gives one", "person": "ana", "subject": "subject-1"}
    again, status = await as_groups(browser, provider, "ops")
    assert status == 303
    assert (await me(again))["name"] == "ana"


async def test_who_comes_for_the_first_time_twice_at_once_is_one_person(
    browser: NewBrowser, provider: StandIn, rows: Rows
) -> None:
    both = await asyncio.gather(*(as_groups(browser, provider, "ops") for _ in range(4)))
    assert [status for _, status in both] == [303] * 4
    assert rows("SELECT name FROM person WHERE subject IS NOT NULL") == [("ana",)]


async def test_an_unknown_person_without_a_role_is_not_made(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, rows: Rows
) -> None:
    assert (await change(admin, otherwise=None)).status_code == 200
    for groups in ((), ("others",)):
        _, status = await as_groups(browser, provider, *groups)
        assert status == 401
    assert rows("SELECT count(*) FROM person WHERE subject IS NOT NULL") == [(0,)]


async def test_groups_that_the_provider_left_out_change_nothing(browser: NewBrowser, provider: StandIn) -> None:
    asking, _ = await as_groups(browser, provider, "ops")
    late = await browser()
    answer = await sign_in(late, provider, _claim_names={"groups": "src1"})
    assert answer.status_code == 400
    assert (await me(asking))["role"] == "operator"


async def test_a_team_that_is_gone_is_not_given(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    a = await team(admin, "a")
    rules = [{"group": "dev", "role": "viewer", "teams": [str(a)]}]
    assert (await change(admin, rules=rules)).status_code == 200
    assert (await admin.delete(f"/api/v1/teams/{a}", headers={"If-Match": '"1"'})).status_code == 204
    asking, status = await as_groups(browser, provider, "dev")
    assert status == 303
    assert (await me(asking))["teams"] == []


@pytest.mark.check("Z10")
async def test_the_last_local_administrator_stays_one_whatever_groups_say(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, pool: Pool, rows: Rows
) -> None:
    """Administrators of the provider don't count as others: groups may take that from them any day."""
    other, _ = await as_groups(browser, provider, "admins", sub="other", preferred_username="bob")
    assert (await me(other))["role"] == "admin"
    rows("UPDATE person SET issuer = %s, subject = 'boss', by_groups = true WHERE name = 'admin-0'", provider.issuer)
    boss, status = await as_groups(browser, provider, sub="boss")
    assert status == 303
    assert (await me(boss))["role"] == "admin"
    (line,) = await lines(pool, "people.change")
    assert (line.outcome, line.target) == ("denied", "admin-0")
    found = (await other.get("/api/v1/users?limit=1000")).json()["items"]
    (local,) = (one for one in found if one["name"] == "admin-0")
    url, headers = f"/api/v1/users/{local['id']}", {"If-Match": f'"{local["version"]}"'}
    assert (await other.delete(url, headers=headers)).status_code == 409
    assert (await other.put(url, json={"role": "viewer"}, headers=headers)).status_code == 409
    rows("INSERT INTO person (name, role, everything, password) VALUES ('second', 'admin', true, 'x')")
    boss, _ = await as_groups(browser, provider, sub="boss")
    assert (await me(boss))["role"] == "viewer"


async def test_who_is_administrator_by_groups_alone_is_none_without_them(
    browser: NewBrowser, provider: StandIn, rows: Rows
) -> None:
    """Also while no local one is there, as during a reset of the last by the console's own machine."""
    await as_groups(browser, provider, "admins")
    rows("UPDATE person SET password = NULL WHERE subject IS NULL")
    asking, _ = await as_groups(browser, provider)
    assert (await me(asking))["role"] == "viewer"


async def policy(admin: httpx.AsyncClient) -> None:
    headers = {"If-Match": '"0"'}
    answer = await admin.put("/api/v1/settings/mfa", json={"required": "everybody"}, headers=headers)
    assert answer.status_code == 200


async def enrol(asking: Browser, clock: Clock) -> pyotp.TOTP:
    """Whoever has no password here begins with nothing but a fresh sign-in."""
    begun = (await asking.post("/api/v1/account/second-factor", json={})).json()
    totp = pyotp.TOTP(begun["secret"])
    body = {"ticket": begun["ticket"], "code": totp.at(clock())}
    answer = await asking.put("/api/v1/account/second-factor", json=body)
    assert answer.status_code == 200, answer.text
    asking.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return totp


@pytest.mark.check("A13")
async def test_the_second_factor_rules_as_for_others_unless_the_providers_counts(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, clock: Clock
) -> None:
    await change(admin, trust_mfa=True)
    await policy(admin)
    asking, _ = await as_groups(browser, provider)
    assert not (await me(asking))["must_enrol"]
    token = (await asking.post("/api/v1/tokens", json={"name": "mine"})).json()["secret"]
    bare, headers = await browser(), {"Authorization": f"Bearer {token}"}
    assert (await bare.get("/api/v1/teams", headers=headers)).status_code == 200

    asking, _ = await as_groups(browser, provider)
    assert (await asking.get("/api/v1/teams")).status_code == 200


@pytest.mark.check("A11")
@pytest.mark.check("A13")
async def test_where_it_is_required_a_person_of_a_provider_sets_one_up_first_and_is_asked_for_it_then(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, clock: Clock
) -> None:
    await policy(admin)
    asking, _ = await as_groups(browser, provider)
    assert (await me(asking))["must_enrol"]
    assert (await asking.get("/api/v1/teams")).status_code == 403
    totp = await enrol(asking, clock)
    assert (await asking.get("/api/v1/teams")).status_code == 200

    clock.passes(minutes=1)
    late = await browser()
    answer = await come_back(late, provider.approve(await go(late, "/findings?x=1")))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code?return_to=%2Ffindings%3Fx%3D1")
    assert not await me(late)
    for path in ("/api/v1/teams", "/api/v1/me", "/api/v1/tokens"):
        assert (await late.get(path)).status_code == 401
    given = await late.post("/api/v1/session/code", json={"code": totp.at(clock())})
    assert given.status_code == 201
    assert (await me(late))["name"] == "ana"


async def test_a_sign_in_of_long_ago_proves_nothing(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, clock: Clock
) -> None:
    asking, _ = await as_groups(browser, provider)
    await me(asking)
    clock.passes(minutes=10, seconds=1)
    assert (await asking.post("/api/v1/account/second-factor", json={})).status_code == 409
    assert (await admin.post("/api/v1/account/second-factor", json={})).status_code == 400, "who has one gives it"

"""An administrator says who a person is at a provider: `/users/{user}/identity`. Nobody else does."""

from typing import Any

import httpx
import pytest

from tests.console.api.conftest import As
from tests.console.api.provided import (
    NewBrowser,
    admin,
    anonymous,
    browser,
    change,
    corp,
    me,
    provider,
    sign_in,
)
from tests.console.api.test_oidc import Rows
from tests.console.auth.provider import StandIn

__all__ = ["admin", "anonymous", "browser", "corp", "provider"]
"""Fixtures: pytest finds them by name."""
pytestmark = pytest.mark.usefixtures("corp")
NOBODY = {"provider": None, "issuer": None, "subject": None, "by_groups": False}


async def person(admin: httpx.AsyncClient, name: str) -> dict[str, Any]:
    (found,) = (one for one in (await admin.get("/api/v1/users")).json()["items"] if one["name"] == name)
    assert isinstance(found, dict)
    return found


async def link(admin: httpx.AsyncClient, name: str, **more: object) -> httpx.Response:
    user = await person(admin, name)
    body = {"provider": "corp", "subject": "subject-1", **more}
    headers = {"If-Match": f'"{user["version"]}"'}
    return await admin.put(f"/api/v1/users/{user['id']}/identity", json=body, headers=headers)


async def test_who_is_linked_comes_in_as_themselves_with_what_they_had(
    as_role: As, browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    operator = await as_role("operator")
    url = f"/api/v1/users/{(await person(admin, 'operator-1'))['id']}/identity"
    before = await admin.get(url)
    assert (before.json(), before.headers["etag"]) == (NOBODY, '"2"')
    made = await link(admin, "operator-1")
    assert made.status_code == 200, made.text
    assert made.json() == {
        "provider": "corp",
        "issuer": provider.issuer,
        "subject": "subject-1",
        "by_groups": False,
    }
    assert (await admin.get(url)).headers["etag"] == made.headers["etag"]
    asking = await browser()
    assert (await sign_in(asking, provider, groups=["admins"])).status_code == 303
    found = await me(asking)
    assert (found["name"], found["role"], found["teams"]) == ("operator-1", "operator", None)
    assert (await operator.get("/api/v1/me")).status_code == 200
    given = {"name": "operator-1", "password": "a long secret operator-1"}
    assert (await (await browser()).post("/api/v1/session", json=given)).status_code == 201


async def test_who_is_linked_by_groups_gets_what_these_give(
    as_role: As, browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    await as_role("operator")
    await link(admin, "operator-1", by_groups=True)
    asking = await browser()
    await sign_in(asking, provider)
    assert (await me(asking))["role"] == "viewer"


async def test_a_subject_is_one_person(as_role: As, provider: StandIn, admin: httpx.AsyncClient) -> None:
    await as_role("viewer")
    await as_role("viewer")
    assert (await link(admin, "viewer-1")).status_code == 200
    assert (await link(admin, "viewer-2")).status_code == 409
    assert (await link(admin, "viewer-2", subject="subject-2")).status_code == 200
    assert (await link(admin, "viewer-1", subject="subject-3")).status_code == 200
    assert (await link(admin, "viewer-2")).status_code == 200


async def test_who_is_unlinked_is_out_and_the_next_of_that_subject_is_somebody_new(
    as_role: As, browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    await as_role("operator")
    await link(admin, "operator-1")
    asking = await browser()
    await sign_in(asking, provider)
    user = await person(admin, "operator-1")
    url, headers = f"/api/v1/users/{user['id']}/identity", {"If-Match": f'"{user["version"]}"'}
    assert (await admin.delete(url, headers={"If-Match": '"99"'})).status_code == 412
    assert (await admin.delete(url, headers=headers)).status_code == 204
    assert (await admin.get(url)).json() == NOBODY
    assert not await me(asking)
    late = await browser()
    await sign_in(late, provider)
    assert (await me(late))["name"] == "ana"


async def test_a_reset_ends_the_link_since_nobody_is_to_come_in_as_them_meanwhile(
    browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient
) -> None:
    asking = await browser()
    await sign_in(asking, provider)
    user = await person(admin, "ana")
    assert user["provider"]
    assert (await admin.post(f"/api/v1/users/{user['id']}/reset")).status_code == 201
    assert not await me(asking)
    assert (await admin.get(f"/api/v1/users/{user['id']}/identity")).json() == NOBODY
    late = await browser()
    await sign_in(late, provider)
    assert (await me(late))["name"] == "ana (corp)"


async def test_a_password_beside_the_link_needs_a_second_factor_of_its_own(
    as_role: As, browser: NewBrowser, provider: StandIn, admin: httpx.AsyncClient, rows: Rows
) -> None:
    """Else the provider's would count for a sign-in that it has nothing to do with."""
    viewer = await as_role("viewer")
    await link(admin, "viewer-1")
    await change(admin, trust_mfa=True)
    rows("""INSERT INTO setting VALUES ('mfa', '{"required": "everybody"}')""")
    assert (await viewer.get("/api/v1/me")).json()["must_enrol"]


async def test_links_are_written_down(as_role: As, admin: httpx.AsyncClient, provider: StandIn) -> None:
    await as_role("viewer")
    await link(admin, "viewer-1")
    user = await person(admin, "viewer-1")
    headers = {"If-Match": f'"{user["version"]}"'}
    await admin.delete(f"/api/v1/users/{user['id']}/identity", headers=headers)
    lines = (await admin.get("/api/v1/audit?actor=admin-0")).json()["items"]
    unlinked, linked = lines[:2]
    told = {"issuer": provider.issuer, "subject": "subject-1", "by_groups": False}
    assert (linked["action"], linked["target"], linked["after"]) == ("people.link_provider", "viewer-1", told)
    assert (unlinked["action"], unlinked["before"]) == ("people.unlink_provider", told)


async def test_what_is_no_link(admin: httpx.AsyncClient) -> None:
    wrong: list[dict[str, object]] = [{"subject": one} for one in ("", "x" * 256, "a\n", "ä", None)]
    wrong += [{"provider": ""}, {"provider": "A"}, {"issuer": "https://x"}]
    for more in wrong:
        assert (await link(admin, "admin-0", **more)).status_code == 400, more


async def test_an_unknown_provider_or_person_is_not_found(admin: httpx.AsyncClient) -> None:
    assert (await link(admin, "admin-0", provider="other")).status_code == 404
    missing = "/api/v1/users/00000000-0000-0000-0000-000000000000/identity"
    assert (await admin.get(missing)).status_code == 404
    body, headers = {"provider": "corp", "subject": "x"}, {"If-Match": '"1"'}
    assert (await admin.put(missing, json=body, headers=headers)).status_code == 404
    assert (await admin.delete(missing, headers=headers)).status_code == 404

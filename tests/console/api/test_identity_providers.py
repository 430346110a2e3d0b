"""Providers are set by administrators who see everything, by version, and their secrets are never given back."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from rightshift.console import vault
from rightshift.console.auth.oidc import secret
from rightshift.console.store.pool import Pool
from rightshift.console.store.read import identity_providers
from rightshift.console.vault import VaultError
from tests.console.api.conftest import As

PATH = "/api/v1/identity-providers"
NEW: dict[str, Any] = {
    "name": "corp",
    "label": "Corp",
    "issuer": "https://login.corp.example/realms/staff",
    "client_id": "console",
    "client_secret": "a s3cret of theirs",
}
KEPT = {key: value for key, value in NEW.items() if key not in ("name", "client_secret")}


@pytest.fixture
async def admin(as_role: As) -> httpx.AsyncClient:
    found: httpx.AsyncClient = await as_role("admin")
    return found


async def test_added_read_changed_and_removed_by_version(admin: httpx.AsyncClient) -> None:
    made = await admin.post(PATH, json=NEW)
    assert made.status_code == 201
    assert made.headers["etag"] == '"1"'
    assert made.json() == {
        **KEPT,
        "name": "corp",
        "scopes": ["email", "openid", "profile"],
        "groups_claim": "groups",
        "rules": [],
        "otherwise": None,
        "trust_mfa": False,
        "local": False,
        "console": "",
        "enabled": True,
        "redirect_uri": "http://localhost/api/v1/session/providers/corp/callback",
        "version": 1,
        "created": "2026-01-05T12:00:00Z",
        "created_by": "admin-0",
    }
    assert (await admin.get(PATH)).json() == {"items": [made.json()]}
    url, body = f"{PATH}/corp", KEPT | {"label": "Renamed"}
    assert (await admin.put(url, json=body)).status_code == 428
    assert (await admin.put(url, json=body, headers={"If-Match": '"2"'})).status_code == 412
    changed = await admin.put(url, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"], changed.json()["label"]) == (200, '"2"', "Renamed")
    assert (await admin.put(url, json=body, headers={"If-Match": '"1"'})).status_code == 412
    assert (await admin.delete(url, headers={"If-Match": '"1"'})).status_code == 412
    assert (await admin.delete(url, headers={"If-Match": '"2"'})).status_code == 204
    for answer in (await admin.get(url), await admin.put(url, json=body, headers={"If-Match": '"2"'})):
        assert answer.status_code == 404


async def test_each_change_is_written_down_without_the_secret(admin: httpx.AsyncClient) -> None:
    await admin.post(PATH, json=NEW)
    await admin.put(f"{PATH}/corp", json=KEPT | {"trust_mfa": True}, headers={"If-Match": '"1"'})
    await admin.put(f"{PATH}/corp", json=KEPT | {"client_secret": "new s3cret"}, headers={"If-Match": '"2"'})
    await admin.delete(f"{PATH}/corp", headers={"If-Match": '"3"'})
    answer = await admin.get("/api/v1/audit?action=identity_providers")
    assert "s3cret" not in answer.text
    lines = answer.json()["items"][::-1]
    assert [line["action"].partition(".")[2] for line in lines] == ["add", "change", "change", "remove"]
    assert {line["target"] for line in lines} == {"corp"}
    added, trusted, renewed, removed = lines
    assert (added["before"], added["after"]["issuer"]) == (None, NEW["issuer"])
    assert (trusted["before"]["trust_mfa"], trusted["after"]["trust_mfa"]) == (False, True)
    assert [line["after"]["client_secret"] for line in (added, trusted, renewed)] == ["changed", "kept", "changed"]
    assert removed["before"]["client_id"] == "console"


async def test_a_secret_goes_to_no_other_issuer_than_it_was_given_for(
    admin: httpx.AsyncClient, pool: Pool, tmp_path: Any
) -> None:
    """Else whoever may change the address would learn it."""
    await admin.post(PATH, json=NEW)
    other = KEPT | {"issuer": "https://evil.example"}
    refused = await admin.put(f"{PATH}/corp", json=other, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["invalid"][0]["name"]) == (400, "client_secret")
    made = await admin.put(f"{PATH}/corp", json=other | {"client_secret": "y"}, headers={"If-Match": '"1"'})
    assert made.status_code == 200
    keys = vault.opened(tmp_path / "vault.keys")
    async with pool.connection() as connection:
        kept = await identity_providers.one(connection, "corp")
        assert kept
        assert secret.opened(keys, kept) == "y"
        await connection.execute("UPDATE identity_provider SET issuer = 'https://more.example'")
        moved = await identity_providers.one(connection, "corp")
        assert moved
    with pytest.raises(VaultError):
        secret.opened(keys, moved)


async def test_a_name_and_an_issuer_stand_for_one(admin: httpx.AsyncClient) -> None:
    await admin.post(PATH, json=NEW)
    assert (await admin.post(PATH, json=NEW | {"issuer": "https://x.example"})).status_code == 409
    assert (await admin.post(PATH, json=NEW | {"name": "other"})).status_code == 409
    await admin.post(PATH, json=NEW | {"name": "other", "issuer": "https://x.example"})
    taken = KEPT | {"issuer": "https://x.example", "client_secret": "x"}
    assert (await admin.put(f"{PATH}/corp", json=taken, headers={"If-Match": '"1"'})).status_code == 409


RULE = {"group": "a", "role": "viewer"}


WRONG: tuple[dict[str, object], ...] = (
    {"issuer": "http://login.corp.example"},
    {"issuer": "https://login.corp.example?x"},
    {"issuer": "https://login.corp.example#x"},
    {"issuer": "https://user@login.corp.example"},
    {"issuer": "https://login.corp.example\n"},
    {"issuer": "https://"},
    {"issuer": "x"},
    {"name": "Corp"},
    {"name": "a/b"},
    {"name": "corp\n"},
    {"name": ""},
    {"name": "x" * 41},
    {"label": "a\u202eb"},
    {"label": "Corp\n"},
    {"label": "x" * 201},
    {"client_id": ""},
    {"client_secret": ""},
    {"client_secret": None},
    {"scopes": ["a b"]},
    {"scopes": ["x"] * 21},
    {"groups_claim": ""},
    {"rules": [{"group": "a", "role": "owner"}]},
    {"rules": [{"group": "", "role": "viewer"}]},
    {"rules": [RULE] * 501},
    {"rules": [RULE | {"teams": [str(uuid4())]}]},
    {"otherwise": {"teams": []}},
    {"otherwise": {"role": "viewer", "teams": [str(uuid4())]}},
    {"console": "http://rightshift.example"},
    {"console": "https://rightshift.example/"},
    {"console": "javascript:alert(1)"},
    {"version": 7},
    {"created_by": "x"},
)


async def test_what_is_no_provider(admin: httpx.AsyncClient) -> None:
    for more in WRONG:
        answer = await admin.post(PATH, json=NEW | more)
        assert answer.status_code == 400, (more, answer.text)
    assert (await admin.get(PATH)).json() == {"items": []}


async def test_whoever_sees_only_teams_sets_no_provider_and_reads_none(as_role: As, admin: httpx.AsyncClient) -> None:
    await admin.post(PATH, json=NEW)
    own = UUID((await admin.post("/api/v1/teams", json={"name": "a"})).json()["id"])
    part = await as_role("admin", teams=frozenset({own}))
    assert (await part.get(PATH)).status_code == 403
    assert (await part.get(f"{PATH}/corp")).status_code == 403
    assert (await part.post(PATH, json=NEW | {"name": "x"})).status_code == 403
    assert (await part.put(f"{PATH}/corp", json=KEPT, headers={"If-Match": '"1"'})).status_code == 403
    assert (await part.delete(f"{PATH}/corp", headers={"If-Match": '"1"'})).status_code == 403
    assert (await (await as_role("operator")).get(PATH)).status_code == 403

"""What every answer carries and what none tells, whichever route gives it and however it ends."""

from dataclasses import replace
from pathlib import Path

import pytest

from rightshift.config import Config
from rightshift.console import app
from rightshift.console.auth import password as passwords
from rightshift.console.door.headers import ALWAYS, HSTS
from tests.console.api.asking import Answer, ask
from tests.console.api.operations import operations
from tests.console.api.stage import Asked, Stage
from tests.console.api.test_every_route import contents
from tests.console.api.test_other_teams import READ
from tests.console.api.things import PASSWORD

together = pytest.mark.asyncio(loop_scope="module")
SESSION = "/api/v1/session"


@pytest.mark.check("W05")
@pytest.mark.check("W06")
@together
async def test_every_answer_carries_the_headers(stage: Stage) -> None:
    seen = set()
    for operation in operations():
        caller, right = stage.caller("admin", operation), await stage.right(operation, None)
        others = {"Origin": "https://evil.example"} if operation.method == "GET" else {}
        for asked in (
            replace(right, headers={**right.headers, **others}),
            replace(right, path=right.path + "/none"),
            replace(right, method="PATCH"),
            replace(right, query={**right.query, "none": 1}),
        ):
            answer = await stage.send(asked, caller)
            seen.add(answer.status)
            checked(answer)
        checked(await stage.send(right))
    for kind in ("csv", "jsonl", "xlsx"):
        answer = await stage.send(Asked("GET", f"/api/v1/assets?format={kind}"), stage.caller("admin", READ[0]))
        checked(answer)
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert {200, 201, 204, 400, 404, 405} <= seen


def checked(answer: Answer) -> None:
    assert {name: answer.headers.get(name.lower()) for name in ALWAYS} == ALWAYS
    assert answer.headers["cache-control"] == "no-store"
    assert not [name for name in answer.headers if name.startswith("access-control-") or name == "server"]
    assert answer.headers["x-request-id"]
    if answer.status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.check("W05")
@together
async def test_behind_tls_browsers_come_by_it_alone(stage: Stage, tmp_path: Path) -> None:
    pool = stage.app.app.app.app.app.state.pool
    over_tls = app.create(pool, Config(home=tmp_path), None, tls=True)  # type: ignore[arg-type]
    for path, status in (("/healthz", 200), ("/none", 404), ("/metrics", 401)):
        answer = await ask(over_tls, "GET", path)
        assert (answer.status, answer.headers["strict-transport-security"]) == (status, HSTS)


@pytest.mark.check("A07")
@together
async def test_over_tls_the_cookie_is_for_tls_alone(stage: Stage) -> None:
    person = stage.things.person("viewer", None, owes=True)
    body = {"name": person.name, "password": PASSWORD}
    answer = await ask(stage.app, "POST", SESSION, body=body, scheme="https")
    cookie, *parts = [part.strip() for part in answer.headers["set-cookie"].split(";")]
    name, _, secret = cookie.partition("=")
    assert (name, len(secret) >= 43) == ("__Host-rightshift", True)
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(parts)
    assert not [part for part in parts if part.lower().startswith("domain")]


@pytest.mark.check("L07")
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", ""])
@together
async def test_under_another_name_nothing_is_there(stage: Stage, host: str) -> None:
    caller = stage.token(["findings:read"])
    before = contents(stage)
    for operation in operations():
        path = operation.path.format(**dict.fromkeys(operation.parameters, "x"))
        headers = {"Host": host, "X-Forwarded-Host": "localhost"}
        answer = await stage.send(Asked(operation.method, path, headers=headers), caller)
        assert answer.status == (421 if host else 400), str(operation)
    assert contents(stage) == before


@pytest.mark.check("L09")
@together
async def test_what_breaks_inside_is_not_told(stage: Stage) -> None:
    asked = [(one, stage.caller("admin", one), await stage.right(one, None)) for one in operations()]
    stage.things.do("ALTER SCHEMA public RENAME TO gone; CREATE SCHEMA public")
    try:
        for operation, caller, right in asked:
            answer = await stage.send(right, caller)
            assert answer.status in (500, 503), str(operation)
            for inner in ("Traceback", "psycopg", "relation", "SELECT", ".py", "gone", str(Path.cwd())):
                assert inner not in answer.text, str(operation)
            if answer.status == 500:
                assert answer.json().keys() == {"title", "status", "detail", "request"}
    finally:
        stage.things.do("DROP SCHEMA public; ALTER SCHEMA gone RENAME TO public")


@pytest.mark.check("A05")
@together
async def test_who_signs_in_learns_no_names(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer and the same work for a name that is there, one that is not, and one that may not come in."""
    compared: list[str] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, kept: str, password: bytes) -> bool:
            compared.append(kept.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(kept, password)

        hash = staticmethod(hasher.hash)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    there, off, invited = (stage.things.person("viewer", None) for _ in range(3))
    stage.things.rows("UPDATE person SET disabled = true WHERE id = %s RETURNING id", off.id)
    stage.things.rows("UPDATE person SET password = NULL WHERE id = %s RETURNING id", invited.id)
    found = []
    for name in (there.name, "nobody of that name", off.name, invited.name):
        answer = await stage.send(Asked("POST", SESSION, body={"name": name, "password": "not the password"}))
        said = answer.json()
        found.append((answer.status, said.pop("request") is not None, said, sorted(answer.headers)))
    assert found == [found[0]] * 4
    assert found[0][0] == 401
    assert len(compared) == 4
    assert set(compared) == {"$argon2id$v=19$m=19456,t=2,p=1"}


@pytest.mark.check("A05")
@together
async def test_a_link_tells_no_names(stage: Stage) -> None:
    used, secret = stage.things.person("viewer", None), "a long secret of somebody"
    gone = stage.things.link(used)
    stage.things.rows("DELETE FROM one_time_link RETURNING 1")
    found = []
    for link in (gone, "rs_l_" + "x" * 49, "x"):
        answer = await stage.send(Asked("POST", f"{SESSION}/link", body={"link": link, "password": secret}))
        found.append({name: value for name, value in answer.json().items() if name != "request"})
    assert found == [found[0]] * 3
    assert found[0]["status"] == 401

"""
Every route, whoever comes: only those of `who_may.csv` get anything, and a refusal changes nothing.

That file is reviewed by people: who changes what a route asks for changes its line as well, and a new route brings one.
"""

import csv
import json
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest

from rightshift.console.auth.permission import NEVER_OF_TOKENS, OF_ROLE, OF_WHO_MUST_ENROL, ROLES, Permission
from tests.console.api.operations import Operation, operations
from tests.console.api.stage import EVERYBODY, PEOPLE, Caller, Stage
from tests.console.api.things import OURS, THEIRS


class Line(NamedTuple):
    """Who may do something; `scope` is `everything` where those of a team may not."""

    method: str
    path: str
    permission: str
    who: str
    scope: str


with Path(__file__).with_name("who_may.csv").open() as _file:
    LINES = {f"{line['method']} {line['path']}": Line(**line) for line in csv.DictReader(_file)}
OPERATIONS = operations()
together = pytest.mark.asyncio(loop_scope="module")
each = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
UNTOLD = Line("", "", "", "", "")

A_PROVIDER_ANSWERS = ("POST /api/v1/session/providers/{provider}",)
"""What begins where there is a provider: test_oidc.py. Here none may be asked."""
KEPT_WHEN_REFUSED = ("audit", "throttle")
"""What also a refusal writes."""


def test_each_route_has_its_line_and_each_line_its_route() -> None:
    declared = {str(one): one.permission for one in OPERATIONS}
    assert {name: line.permission for name, line in LINES.items()} == declared


def test_each_line_says_who_has_its_permission() -> None:
    for name, line in LINES.items():
        if line.permission == "-":
            continue
        permission, who = Permission(line.permission), line.who.split()
        assert [one for one in who if one in ROLES] == [role for role in ROLES if permission in OF_ROLE[role]], name
        assert ("owing" in who) == (permission in OF_WHO_MUST_ENROL), name
        assert ("token" in who) == (permission not in NEVER_OF_TOKENS | {Permission.FACTS_WRITE}), name
        assert not {"anonymous", "halfway"} & set(who), name
        assert set(who) <= set(EVERYBODY), name


@pytest.mark.check("A11")
@pytest.mark.check("A13")
@pytest.mark.check("A22")
@each
@together
async def test_who_may_not_gets_nothing_and_changes_nothing(stage: Stage, operation: Operation) -> None:
    line = LINES.get(str(operation), UNTOLD)
    asked = await stage.right(operation, OURS)
    callers = [(who, stage.caller(who, operation)) for who in EVERYBODY if who not in line.who.split()]
    callers += [(f"{who} of a team", stage.caller(who, operation, [OURS])) for who in PEOPLE if who not in line.who]
    callers += [
        (f"token with all else: {teams}", _with_all_else(stage, operation, teams)) for teams in (None, [OURS], [])
    ]
    if "token" not in line.who.split():
        callers += [(f"own token of {role}", stage.own_token(role)) for role in PEOPLE]
    before = contents(stage) if operation.method != "GET" else []
    for who, caller in callers:
        if operation.permission == "-" and who.startswith("token"):
            continue
        answer = await stage.send(asked, caller)
        nobody = who in ("anonymous", "halfway") or operation.permission == "-"
        assert answer.status == (401 if nobody else 403), (who, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) <= {"title", "status", "detail", "request"}, who
    assert operation.method == "GET" or contents(stage) == before


@pytest.mark.prove
@each
@together
async def test_no_other_permission_stands_for_it(stage: Stage, operation: Operation) -> None:
    """Each by itself, for whoever sees everything, something or nothing."""
    if operation.permission == "-":
        pytest.skip("it needs none")
    asked = await stage.right(operation, OURS)
    before = contents(stage)
    for teams in (None, [OURS], [THEIRS], []):
        for permission in (one for one in Permission if one != operation.permission):
            answer = await stage.send(asked, stage.token([permission], teams))
            assert answer.status == 403, (permission, teams, answer.text)
    others = {line[0] for line, kept in zip(contents(stage), before, strict=True) if line != kept}
    assert others == {"token"}, "those that were made for this"


@each
@together
async def test_who_may_gets_it(stage: Stage, operation: Operation) -> None:
    line = LINES.get(str(operation), UNTOLD)
    for who in line.who.split():
        caller = stage.caller(who, operation)
        answer = await stage.send(await stage.right(operation, None, caller), caller)
        if str(operation) in A_PROVIDER_ANSWERS:
            assert answer.status == 400, answer.text
        elif who == "owing" and operation.takes_json == "OwnCode":
            assert answer.status == 400, "who has no second factor has no code"
        else:
            assert 200 <= answer.status < 300, (who, answer.text)


@each
@together
async def test_who_is_of_a_team_gets_what_is_the_teams(stage: Stage, operation: Operation) -> None:
    line = LINES.get(str(operation), UNTOLD)
    for who in (one for one in line.who.split() if one in (*PEOPLE, "token")):
        caller = stage.caller(who, operation, [OURS])
        answer = await stage.send(await stage.right(operation, OURS, caller), caller)
        if str(operation) in A_PROVIDER_ANSWERS:
            assert answer.status == 400, answer.text
        elif line.scope == "everything":
            assert answer.status in (403, 404), (who, answer.text)
        else:
            assert 200 <= answer.status < 300, (who, answer.text)


@each
@together
async def test_who_is_of_no_team_gets_nothing_of_anybodys(stage: Stage, operation: Operation) -> None:
    line = LINES.get(str(operation), UNTOLD)
    if operation.permission in ("-", Permission.ACCOUNT_OWN) or operation.path.startswith("/api/v1/tokens"):
        pytest.skip("what is one's own is there without a team")
    if operation.permission == Permission.SETTINGS_READ:
        pytest.skip("settings are of everybody")
    for who in (one for one in line.who.split() if one in (*PEOPLE, "token")):
        caller = stage.caller(who, operation, [])
        asked = await stage.right(operation, OURS)
        answer = await stage.send(asked, caller)
        assert answer.status < 500
        if operation.parameters:
            assert answer.status in (403, 404), (who, answer.text)
        elif str(operation) == "GET /api/v1/users":
            assert {bool(one["teams"]) for one in answer.json()["items"]} <= {False}, "who sees nothing is seen"
        elif "items" in (found := _json(answer.body)):
            assert found["items"] == [], who


@together
async def test_what_a_token_should_never_have_had_it_has_not(stage: Stage) -> None:
    """Also where somebody wrote it into the database."""
    everything = stage.token([*map(str, Permission)])
    for operation in OPERATIONS:
        if operation.permission in NEVER_OF_TOKENS:
            answer = await stage.send(await stage.right(operation, None), everything)
            assert answer.status == 403, str(operation)


def _with_all_else(stage: Stage, operation: Operation, teams: list[UUID] | None) -> Caller:
    return stage.token([str(one) for one in Permission if one != operation.permission], teams)


def _json(content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def contents(stage: Stage) -> list[tuple[object, ...]]:
    """A digest of each table, in one question."""
    tables = [name for (name,) in stage.things.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return stage.things.rows(
        " UNION ALL ".join(
            f"SELECT '{table}', count(*), sum(hashtextextended(t::text, 0)) FROM {table} t"
            for table in sorted(set(tables) - set(KEPT_WHEN_REFUSED))
        )
    )

"""What belongs to another team is as if it were absent: on no route does anything tell whether it is there."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest

from tests.console.api.asking import Answer
from tests.console.api.operations import Operation, kinds, operations
from tests.console.api.stage import Asked, Caller, Stage
from tests.console.api.things import OURS, THEIRS, Holding, Things

together = pytest.mark.asyncio(loop_scope="module")
READ = [one for one in operations() if one.method == "GET" and one.path != "/metrics"]
"""Figures of the process change with everything that is asked; they name routes and nothing else."""
WITH_ID = [one for one in operations() if one.parameters and one.permission != "-"]
MARK = "canary"
OF_NOBODY = {
    "/api/v1/audit/verify": "whether the chain holds",
    "/api/v1/feed": "the feed is the same for all",
    "/api/v1/identity-providers": "set for everybody",
    "/api/v1/me": "oneself",
    "/api/v1/openapi.json": "the description",
    "/api/v1/schedules/times": "arithmetic",
    "/api/v1/session/methods": "set for everybody",
    "/api/v1/settings/mfa": "set for everybody",
    "/api/v1/settings/retention": "set for everybody",
    "/healthz": "the process",
    "/readyz": "the process",
}
"""Routes that show the same whatever teams have."""
NAMED = {
    "asset": "asset",
    "container": "asset",
    "finding": "finding",
    "from": "asset",
    "parent": "asset",
    "source": "source",
    "team": "team",
    "teams": "team",
    "to": "asset",
    "unit": "asset",
}
"""What kind of thing a parameter or a field names by its id. A new one needs its line."""


@pytest.mark.check("Z03")
@together
async def test_it_makes_no_difference_to_any_answer(stage: Stage) -> None:
    ours, everybodys = stage.things.holding(OURS), UUID(stage.things.made("acceptance", None))
    stage.things.ask("triage", acceptance=everybodys, unit=ours.numbers["asset"], **_of(ours))
    stage.things.count([ours.numbers["inventory"]])
    image, _ = stage.things.ask(
        "asset", kind="image", name=stage.things.name(), inventory=ours.numbers["inventory"], parent=None
    )
    stage.things.ask("asset_team", asset=image, teams=[OURS])
    asked = [url for operation in READ for url in questions(stage, operation, ours)]
    plain = [url for operation in READ if not operation.parameters for url in itertools.islice(whole(operation), 1)]
    us = stage.caller("admin", READ[0], [OURS]), stage.caller("admin", READ[0], [OURS])
    all_seeing = stage.caller("admin", READ[0]), stage.caller("admin", READ[0])
    before, before_of_all = await answers(stage, asked, us), await answers(stage, plain, all_seeing)
    await add(stage, ours, image, everybodys)
    after, after_of_all = await answers(stage, asked, us), await answers(stage, plain, all_seeing)
    assert [url for url in asked if before[url] != after[url]] == []
    assert [url for url in asked if MARK in after[url] and MARK not in url] == []
    same = {url.partition("?")[0] for url in plain if before_of_all[url] == after_of_all[url]}
    assert same == OF_NOBODY.keys(), "whoever sees everything sees it, or the test proves nothing"


@pytest.mark.check("Z03")
@pytest.mark.check("Z06")
@pytest.mark.parametrize("operation", WITH_ID, ids=str)
@together
async def test_its_id_is_answered_as_one_that_nobody_has(stage: Stage, operation: Operation) -> None:
    caller = stage.caller("admin", operation, [OURS])
    right = await stage.right(operation, THEIRS)
    ours = [stage.things.made(name, OURS) for name in operation.parameters]
    absent = [nobodys(one) for one in ours]
    answer = await stage.send(right, caller)
    assert answer.status in (403, 404), answer.text
    for ids in (absent, [neighbour(one) for one in ours]):
        path = operation.path.format(**dict(zip(operation.parameters, ids, strict=True)))
        assert shown(await stage.send(replace(right, path=path), caller)) == shown(answer)


@pytest.mark.check("Z06")
@pytest.mark.parametrize("operation", WITH_ID, ids=str)
@together
async def test_what_is_no_id_is_of_nothing(stage: Stage, operation: Operation) -> None:
    caller = stage.caller("admin", operation)
    right = await stage.right(operation, None)
    for text in ("0", "1", "-1", "null", "%00", "..", "*", "' OR 1=1 --".replace(" ", "%20"), "A" * 3_000, "%ff", "é"):
        path = operation.path.format(**dict.fromkeys(operation.parameters, text))
        answer = await stage.send(replace(right, path=path), caller)
        assert answer.status in (400, 403, 404, 405), (path[:100], answer.text)


@pytest.mark.check("Z03")
@together
async def test_a_parameter_that_names_it_finds_as_much_as_one_that_names_nothing(stage: Stage) -> None:
    for operation in READ:
        for name, schema in operation.query().items():
            if not any(kind.get("format") == "uuid" for kind in kinds(schema)):
                continue
            right = await stage.right(operation, OURS)
            caller = stage.caller("admin", operation, [OURS])
            found = [
                shown(await stage.send(replace(right, query=right.query | {name: id}), caller))
                for id in (stage.things.made(NAMED[name], THEIRS), uuid4())
            ]
            assert found[0] == found[1], (str(operation), name)


@pytest.mark.check("Z03")
@together
async def test_a_body_that_names_it_does_as_much_as_one_that_names_nothing(stage: Stage) -> None:
    for operation in operations():
        for name, schema in operation.fields().items():
            if not any(kind.get("format") == "uuid" for kind in kinds(schema)):
                continue
            several = any(kind.get("type") == "array" for kind in kinds(schema))
            caller = stage.caller("admin", operation, [OURS])
            found = []
            for id in (stage.things.made(NAMED[name], THEIRS), str(uuid4())):
                right = await stage.right(operation, OURS, caller)
                body = {field: value for field, value in right.body.items() if field not in ALTERNATIVES.get(name, ())}
                found.append(await stage.send(replace(right, body=body | {name: [id] if several else id}), caller))
            assert 400 <= found[0].status < 500, (str(operation), name, found[0].text)
            assert shown(found[0]) == shown(found[1]), (str(operation), name)


ALTERNATIVES = {"finding": ("advisory", "package", "ecosystem", "unit")}
"""Fields that can't be given together with another."""


async def answers(stage: Stage, urls: list[str], callers: tuple[Caller, Caller]) -> dict[str, str]:
    """What is answered, but for ids of requests. The second asks for the log alone, where files are written down."""
    found = {}
    for url in urls:
        caller = callers[url.startswith("/api/v1/audit?")]
        answer = await stage.send(Asked("GET", url), caller)
        assert answer.status < 500, url
        found[url] = answer.text.replace(answer.headers["x-request-id"], "")
    return found


def questions(stage: Stage, operation: Operation, ours: Holding) -> Iterator[str]:
    """An operation asked about what is ours, with each parameter of it, also by names that the others' things have."""
    known = {"asset": ours.asset, "advisory": ours.advisory, "digest": ours.digest, "finding": ours.finding}
    ids = {name: known.get(name) or stage.things.made(name, OURS) for name in operation.parameters}
    for url in whole(operation):
        yield url.format(**ids)


def whole(operation: Operation) -> Iterator[str]:
    """Addresses of an operation: first with all that there is, then with each parameter by itself."""
    needed = {"by": "advisory", "cron": "30 2 * * *"}
    given: dict[str, object] = {name: needed[name] for name in operation.query(required=True)}
    if operation.path.endswith("/places"):
        given["name"] = f"{MARK}-1"
    most = {"limit": 200} if "limit" in operation.query() else {}
    yield f"{operation.path}?{urlencode(given | most)}"
    for name, schema in operation.query().items():
        for kind in kinds(schema):
            for value in _values(kind):
                yield f"{operation.path}?{urlencode(given | {name: value})}"


def _values(kind: dict[str, Any]) -> list[object]:
    if "enum" in kind:
        return [one for one in kind["enum"] if one not in (None, "xlsx")]
    values: dict[str, list[object]] = {
        "boolean": ["true", "false"],
        "integer": [1],
        "string": [] if "format" in kind else [f"{MARK}-1", MARK],
    }
    return values.get(kind.get("type", ""), [])


def shown(answer: Answer) -> tuple[int, object]:
    """An answer without the id of its request."""
    body: Any = answer.json() if answer.body else None
    return answer.status, {name: value for name, value in body.items() if name != "request"} if body else None


def nobodys(id: str) -> str:
    """An id of the same form that nothing has."""
    made = str(uuid4())
    return made if len(id) == len(made) else made.replace("-", "") * 2 if len(id) == 64 else f"nothing-{made}"


def neighbour(id: str) -> str:
    """The next one."""
    if len(id) in (36, 64):
        number = int(id.replace("-", ""), 16) ^ 1
        return str(UUID(int=number)) if len(id) == 36 else f"{number:064x}"
    return id + "1"


async def add(stage: Stage, ours: Holding, image: int, everybodys: UUID) -> None:
    """Everything that the other team may have, also right beside what is ours, all with the mark in its texts."""
    things = Things(stage.url, stage.vault, "", mark=MARK)
    theirs = things.holding(THEIRS)
    numbers, name = theirs.numbers, theirs.key
    inside, _ = things.ask(
        "asset", kind="container", name=things.name(), inventory=ours.numbers["inventory"], parent=ours.numbers["asset"]
    )
    things.ask("asset_team", asset=inside, teams=[THEIRS])
    things.ask("triage", acceptance=everybodys, unit=inside, **_of(ours))
    things.ask("match", version=numbers["version"], advisory=ours.numbers["advisory"], name=name)
    things.holds(inside, ours.numbers["inventory"])
    things.count([numbers["inventory"]])
    for ends in itertools.permutations((ours.numbers["asset"], numbers["asset"], inside), 2):
        things.ask("relation", **dict(zip(("from", "to"), ends, strict=True)))
    things.ask("events", asset=numbers["asset"], name=name, version=numbers["version"], advisory=numbers["advisory"])
    (reporter,) = things.ask("reporter", key=name, name=name)
    things.ask("process", reporter=reporter, name=name)
    things.ask("instance", **{"from": inside, "to": image})
    other, _ = things.ask("asset", kind="image", name=things.name(), inventory=numbers["inventory"], parent=None)
    things.ask("asset_team", asset=other, teams=[THEIRS])
    things.simple("failed_job", THEIRS)
    for kind in ("acceptance", "document", "job", "scan", "schedule", "source", "token", "user"):
        things.made(kind, THEIRS)
    things.simple("team", None)
    things.person("admin", None)
    things.token("service", ["assets:read"])
    caller = replace(stage, things=things).caller("operator", READ[0], [THEIRS])
    made = Asked("POST", "/api/v1/sources", body={"name": things.name(), "reference": f"example.org/{MARK}"})
    assert (await stage.send(made, caller)).status == 201
    things.close()


def _of(held: Holding) -> dict[str, int]:
    return {name: held.numbers[name] for name in ("version", "advisory")}

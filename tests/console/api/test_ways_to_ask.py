"""Other ways to ask change no rule: methods, spellings of a path, pages without bounds, texts without end."""

from dataclasses import replace

import pytest

from tests.console.api.operations import Operation, described, kinds, operations
from tests.console.api.stage import Asked, Stage
from tests.console.api.things import OURS

together = pytest.mark.asyncio(loop_scope="module")
PROTECTED = [one for one in operations() if one.permission != "-"]
LISTS = [one for one in operations() if one.method == "GET" and "limit" in one.query()]
MOST = {"/api/v1/topology": 2_000}
"""A graph is no page: it is drawn whole."""


def spellings(path: str) -> list[str]:
    """What servers, proxies and programs may take for the same path."""
    head, _, last = path.rpartition("/")
    return [
        f"{path}/",
        f"{path}//",
        f"/{path}",
        f"{head}//{last}",
        f"{head}/./{last}",
        f"{head}/x/../{last}",
        f"{head}%2f{last}",
        f"{path};x",
        f"{path};.json",
        f"{path}%20",
        f"{path}%00",
        f"{path}.json",
        path.upper(),
        path.replace("/api/", "/API/"),
        f"{head}/%{ord(last[0]):02x}{last[1:]}",
        f"/x/..{path}",
        f"{path}%3f",
        f"http://localhost{path}",
    ]


@pytest.mark.check("Z09")
@pytest.mark.parametrize("operation", PROTECTED, ids=str)
@together
async def test_no_spelling_lets_anybody_in(stage: Stage, operation: Operation) -> None:
    right = await stage.right(operation, None)
    weak = stage.token(["none:at all"])
    for path in spellings(right.path):
        status = (await stage.send(replace(right, path=path))).status
        assert status in (400, 401, 404, 405), path
        if status == 401:  # it leads to the route
            assert (await stage.send(replace(right, path=path), weak)).status == 403, path


@pytest.mark.check("Z09")
@pytest.mark.parametrize("operation", PROTECTED, ids=str)
@together
async def test_no_method_lets_anybody_in(stage: Stage, operation: Operation) -> None:
    right, weak = await stage.right(operation, None), stage.token(["none:at all"])
    for method in ("HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PURGE", "get", "Delete", "X" * 500, ""):
        answer = await stage.send(replace(right, method=method))
        assert answer.status in (204, 400, 401, 404, 405, 501), method
        assert answer.status != 204 or (method == "OPTIONS" and not answer.body), method
    for named in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        for method in ("GET", "POST"):
            asked = Asked(method, right.path, {**right.query, "_method": operation.method}, {named: operation.method})
            answer = await stage.send(asked, weak)
            assert answer.status in (400, 403, 404, 405), (method, named)


@pytest.mark.check("Z08")
@pytest.mark.parametrize("operation", LISTS, ids=str)
@together
async def test_a_page_has_its_bounds(stage: Stage, operation: Operation) -> None:
    caller, right = stage.caller("admin", operation), await stage.right(operation, None)
    most = MOST.get(operation.path, 1_000)
    assert operation.query()["limit"]["maximum"] <= most
    for limit in (0, -1, most + 1, 10**9, 2**63, 2**64, "1e9", "1.5", "", "all", "٣", "0x10", "NaN", "1" * 5_000):
        answer = await stage.send(replace(right, query=right.query | {"limit": limit}), caller)
        assert answer.status == 400, (limit, answer.text)
        assert answer.json()["invalid"][0]["name"] == "limit"
    whole = await stage.send(
        replace(right, query=right.query | {"limit": operation.query()["limit"]["maximum"]}), caller
    )
    assert whole.status == 200


@pytest.mark.check("Z08")
def test_what_has_items_has_pages() -> None:
    without = {
        str(one)
        for one in operations()
        for schema in [_answer(one)]
        if "items" in schema.get("properties", {}) and "limit" not in one.query()
    }
    assert without == {"GET /api/v1/identity-providers"}, "there are at most 20"


@pytest.mark.check("Z08")
@together
async def test_no_parameter_is_without_bounds(stage: Stage) -> None:
    for operation in operations():
        if operation.method != "GET":
            continue
        caller, right = stage.caller("admin", operation), await stage.right(operation, OURS)
        for name, schema in operation.query().items():
            found = list(kinds(schema))
            if any(one.get("type") == "array" for one in found):
                query: dict[str, object] = {name: ["x"] * 1_001}
            else:
                query = {name: "x" * 20_000}
            answer = await stage.send(replace(right, query=right.query | query), caller)
            assert answer.status == 400, (str(operation), name)


def _answer(operation: Operation) -> dict[str, dict[str, object]]:
    said = operation.described.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
    name = said.get("schema", {}).get("$ref", "").rpartition("/")[2]
    found: dict[str, dict[str, object]] = described()["components"]["schemas"].get(name, {})
    return found

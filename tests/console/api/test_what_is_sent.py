"""Bodies: what does not belong into one is refused and never kept, and no bytes are a mistake of ours."""

import json
from dataclasses import replace

import pytest

from tests.console.api.operations import Operation, kinds, operations
from tests.console.api.stage import Asked, Stage
from tests.console.api.test_every_route import contents

together = pytest.mark.asyncio(loop_scope="module")
WITH_FIELDS = [one for one in operations() if one.takes_json]
WITH_BODY = [one for one in operations() if "requestBody" in one.described]
MORE: dict[str, object] = {
    "admin": True,
    "created": "2020-01-01T00:00:00Z",
    "created_at": "2020-01-01T00:00:00Z",
    "created_by": "somebody else",
    "disabled": False,
    "everything": True,
    "id": "00000000-0000-0000-0000-000000000001",
    "is_admin": True,
    "kind": "person",
    "must_enrol": False,
    "owner": "somebody else",
    "password": "a secret of another",
    "permissions": ["users:write"],
    "person": "00000000-0000-0000-0000-000000000001",
    "reporter": "00000000000000000000000000000001",
    "role": "admin",
    "scope": None,
    "secret": "x",
    "subject": "x",
    "teams": ["00000000-0000-0000-0000-000000000001"],
    "tenant": "other",
    "totp": None,
    "trusted": True,
    "version": 99,
    "__proto__": {"role": "admin"},
    "": 1,
}
DEEP = 50_000
NO_JSON = {
    "nothing": b"",
    "half": b'{"name": ',
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "not a number": b'{"name": NaN}',
    "endless": b'{"name": Infinity}',
    "huge number": b'{"name": ' + b"9" * 50_000 + b"}",
    "huge exponent": b'{"name": 1e99999}',
    "lone surrogate": b'{"name": "\\ud800"}',
    "no utf-8": b'{"name": "\xff\xfe"}',
    "utf-16": '{"name": "x"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"name": "x"}',
    "a list": b"[]",
    "null": b"null",
    "text": b'"x"',
    "two values": b"{}{}",
    "a key twice": b'{"name": "x", "name": "y"}',
    "comment": b'{"name": "x"} // x',
}


OTHERS: tuple[object, ...] = (None, 2**70, 1.5, "x" * 40_000, "\x00", "\ud800", [None], ["\x00"], {"a": 1})


@pytest.mark.check("Z05")
@pytest.mark.parametrize("operation", WITH_FIELDS, ids=str)
@together
async def test_what_does_not_belong_in_a_body_is_refused(stage: Stage, operation: Operation) -> None:
    caller = stage.caller(who(operation), operation)
    right = await stage.right(operation, None, caller)
    before = contents(stage)
    for name, value in MORE.items():
        if name not in operation.fields():
            answer = await stage.send(replace(right, body={**right.body, name: value}), caller)
            assert answer.status == 400, (name, answer.text)
    for field, schema in operation.fields().items():
        if any(kind.get("properties") for kind in kinds(schema)) and isinstance(right.body.get(field), dict):
            body = {**right.body, field: {**right.body[field], "role": "admin"}}
            assert (await stage.send(replace(right, body=body), caller)).status == 400, field
    assert contents(stage) == before


@pytest.mark.check("L03")
@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
@together
async def test_what_is_no_json_is_refused(stage: Stage, operation: Operation) -> None:
    caller = stage.caller(who(operation), operation)
    right = await stage.right(operation, None, caller)
    for name, content in NO_JSON.items():
        headers = {**right.headers, "Content-Type": "application/json"}
        answer = await stage.send(replace(right, body=content, headers=headers), caller)
        assert answer.status in (400, 413), (name, answer.text)
        assert answer.json()["detail"]


@pytest.mark.check("L03")
@pytest.mark.parametrize("operation", WITH_FIELDS, ids=str)
@together
async def test_a_field_of_another_kind_or_too_much_is_refused_or_taken(stage: Stage, operation: Operation) -> None:
    """Or it is taken, but it is never a mistake of ours; also what a database or a line can't hold."""
    caller = stage.caller(who(operation), operation)
    right = await stage.right(operation, None, caller)
    for field in operation.fields():
        for value in OTHERS:
            content = json.dumps({**right.body, field: value}).encode()
            headers = {**right.headers, "Content-Type": "application/json"}
            answer = await stage.send(replace(right, body=content, headers=headers), caller)
            assert answer.status < 500, (field, value, answer.text)


@pytest.mark.check("L01")
@pytest.mark.parametrize("operation", WITH_FIELDS, ids=str)
@together
async def test_a_body_has_its_bound(stage: Stage, operation: Operation) -> None:
    """Before anybody has signed in, too."""
    path = operation.path.format(**{name: stage.things.made(name, None) for name in operation.parameters})
    for caller in (None, stage.caller(who(operation), operation)):
        asked = Asked(operation.method, path, body=b" " * (65 << 10), headers={"Content-Type": "application/json"})
        answer = await stage.send(asked, caller)
        assert answer.status in ((413,) if operation.permission == "-" or caller else (401, 413)), answer.text


def who(operation: Operation) -> str:
    """Somebody who may send it."""
    return (
        "enrolment" if operation.permission == "sensors:enrol" else "sensor" if "facts" in operation.path else "admin"
    )

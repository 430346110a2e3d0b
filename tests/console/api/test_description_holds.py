"""What the API says of itself holds: whatever is sent, what comes back is described, and never a mistake of ours."""

import warnings
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.console.api.asking import Answer
from tests.console.api.operations import Operation, described, operations
from tests.console.api.stage import Asked, Caller, Stage

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

SCHEMA: Any = schemathesis.openapi.from_dict(described())
CASES = {one.ok().label: one.ok() for one in SCHEMA.get_all_operations()}
DESCRIBED = [one for one in operations() if one.described]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OURS = {"authorization", "cookie", "user-agent", "connection", "content-length", "x-schemathesis-testcaseid"}
together = pytest.mark.asyncio(loop_scope="module")
each = pytest.mark.parametrize("operation", DESCRIBED, ids=str)
few = settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
many = settings(few, max_examples=200, derandomize=False, phases=[Phase.generate, Phase.shrink], print_blob=True)


def test_all_of_it_is_tried() -> None:
    assert CASES.keys() == {str(one) for one in DESCRIBED}


@each
@together
@few
@given(data=st.data())
async def test_whatever_is_sent(stage: Stage, operation: Operation, data: st.DataObject) -> None:
    await holds(stage, operation, data)


@pytest.mark.prove
@each
@together
@many
@given(data=st.data())
async def test_whatever_is_sent_many_times(stage: Stage, operation: Operation, data: st.DataObject) -> None:
    await holds(stage, operation, data)


async def holds(stage: Stage, operation: Operation, data: st.DataObject) -> None:
    """Sends something as an administrator and as nobody; some of it about things that are there."""
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = data.draw(CASES[str(operation)].as_strategy(generation_mode=mode))
    stage.things.rows("""UPDATE setting SET value = '{"required": "everybody"}' WHERE name = 'mfa' RETURNING name""")
    caller = stage.caller("sensor" if "facts" in operation.path else "admin", operation)
    if operation.permission == "sensors:enrol":
        caller = stage.caller("enrolment", operation)
    asked = of_case(case)
    if data.draw(st.booleans()) and operation.parameters:
        right = await stage.right(operation, None, caller)
        asked = replace(asked, path=right.path, headers={**asked.headers, **right.headers})
    for who in (caller, Caller({})):
        answer = await stage.send(asked, who)
        case.validate_response(as_httpx(answer, asked), checks=CHECKS)
        if who is not caller and operation.permission != "-":
            assert answer.status in (400, 401, 404, 405, 413), answer.text


def of_case(case: Any) -> Asked:
    """The request as it would go over the wire, without anything that proves who sends it."""
    made: Any = requests.Request(**without(case.as_transport_kwargs(base_url="http://localhost"))).prepare()
    headers = {name: value for name, value in made.headers.items() if name.lower() not in OURS}
    body = made.body if isinstance(made.body, bytes) else (made.body or "").encode(errors="surrogatepass")
    return Asked(str(made.method), made.path_url, headers={k: text(v) for k, v in headers.items()}, body=body)


def without(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in sent.items() if name not in ("cookies", "timeout", "verify", "cert")}


def text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def as_httpx(answer: Answer, asked: Asked) -> httpx.Response:
    request = httpx.Request(asked.method, "http://localhost/")
    made = httpx.Response(answer.status, headers=answer.headers, content=answer.body, request=request)
    made.elapsed = timedelta(0)
    return made

"""An error says what happened and what to do, and nothing of how this is built."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from litestar import Litestar, get
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.params import FromPath
from litestar.testing import TestClient

from rightshift.console.door import problems
from rightshift.console.door.headers import ALWAYS, Headers
from rightshift.console.door.measured import Measured
from rightshift.errors import RightshiftError, UsageError

RAISED: dict[str, Exception] = {
    "mistake": RuntimeError("SELECT secret FROM /etc/passwd"),
    "ours": UsageError("That is no cron line", do="Write five fields"),
    "gone": NotFoundException("no such finding \x1b[31m"),
    "who": NotAuthorizedException("no session"),
    "full": psycopg.errors.DiskFull("could not extend file base/1"),
    "away": psycopg.OperationalError("connection to server on socket /run/x failed"),
    "long": psycopg.errors.ProgramLimitExceeded("index row size 4000 exceeds btree version 4 maximum 2704"),
    "slow": psycopg.errors.QueryCanceled("canceling statement"),
}


@get("/{name:str}", sync_to_thread=False)
def fails(name: FromPath[str]) -> None:
    raise RAISED[name]


@pytest.fixture
def measured() -> Measured:
    return Measured()


@pytest.fixture
def client(measured: Measured) -> Iterator[TestClient[Any]]:
    handlers: dict[Any, Any] = {
        HTTPException: problems.of_http,
        RightshiftError: problems.of_ours,
        Exception: problems.of_mistake,
    }
    app = Litestar([fails], openapi_config=None, logging_config=None, exception_handlers=handlers)
    with TestClient(Headers(app, measured, tls=True), raise_server_exceptions=False) as made:
        yield made


@pytest.mark.check("L09")
@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("mistake", 500, "id of this request"),
        ("ours", 400, "That is no cron line"),
        ("gone", 404, "no such finding"),
        ("who", 401, "no session"),
        ("full", 507, "no space left"),
        ("away", 503, "can't be reached"),
        ("long", 400, "longer"),
        ("slow", 503, "too long"),
    ],
)
def test_what_is_said(client: TestClient[Any], name: str, status: int, said: str) -> None:
    answer = client.get(f"/{name}")
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert said in problem["detail"]
    assert problem["request"] == answer.headers["x-request-id"]
    for inner in ("Traceback", "SELECT", "passwd", "base/1", "/run/x", "\x1b"):
        assert inner not in answer.text


@pytest.mark.check("W05")
def test_each_answer_has_the_headers(client: TestClient[Any]) -> None:
    for path in ("/gone", "/mistake", "/no/such/route"):
        headers = client.get(path).headers
        assert {name: headers[name] for name in ALWAYS} == ALWAYS
        assert headers["strict-transport-security"].startswith("max-age=")
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_answers_are_counted_by_template(client: TestClient[Any], measured: Measured) -> None:
    client.get("/gone")
    client.get("/who")
    text = measured.text().decode()
    assert 'rightshift_http_answers_total{method="GET",route="/{name}",status="404"} 1.0' in text
    assert 'route="/gone"' not in text


def test_who_is_not_signed_in_learns_how(client: TestClient[Any]) -> None:
    assert client.get("/who").headers["www-authenticate"].startswith("Bearer")

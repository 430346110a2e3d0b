"""A console answers only under its own names."""

from typing import Any

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from rightshift.console.door.hosts import Hosts, names


@get("/", sync_to_thread=False)
def hello() -> str:
    return "hello"


@pytest.fixture
def client() -> TestClient[Any]:
    return TestClient(
        Hosts(Litestar([hello], openapi_config=None, logging_config=None), names("0.0.0.0", ["Console.Example"]))
    )


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8420", "127.0.0.1:1", "[::1]:8420", "console.example", "localhost."]
)
def test_its_own_names(client: TestClient[Any], host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.check("L07")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0", "xlocalhost"])
def test_other_names(client: TestClient[Any], host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"
    assert host not in answer.text


@pytest.mark.check("L07")
@pytest.mark.parametrize("host", ["", "a b", "localhost:x", "localhost/..", "user@localhost", "[::1", "a" * 300])
def test_no_names(client: TestClient[Any], host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


def test_an_address_that_is_listened_on_is_a_name() -> None:
    assert "192.0.2.1" in names("192.0.2.1", [])
    assert "[2001:db8::1]" in names("2001:db8::1", [])
    assert "::" not in names("::", [])

"""A path that no name can be in leads nowhere."""

import pytest
from litestar import Litestar, get
from litestar.params import FromPath
from litestar.testing import TestClient

from rightshift.console.door.paths import Paths


@get("/things/{name:str}", sync_to_thread=False)
def thing(name: FromPath[str]) -> str:
    return f"it is {name}"


@pytest.mark.parametrize("name", ["%00", "a%00b", "%0a", "a%1fb", "%0d%0aSet-Cookie:x"])
def test_control_characters(name: str) -> None:
    with TestClient(Paths(Litestar([thing], openapi_config=None, logging_config=None))) as client:
        answer = client.get(f"/things/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["a", "%20", "%C3%A9", "%E2%80%AE"])
def test_what_is_text(name: str) -> None:
    with TestClient(Paths(Litestar([thing], openapi_config=None, logging_config=None))) as client:
        assert client.get(f"/things/{name}").text.startswith("it is ")

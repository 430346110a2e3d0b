"""A body is JSON that any two readers read alike, or it is refused with a reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, post
from litestar.params import JSONBody
from litestar.testing import TestClient
from msgspec import Struct

from rightshift.console.door.bodies import StrictRequest


class Thing(Struct):
    name: str


@post("/", sync_to_thread=False)
def make(data: JSONBody[Thing]) -> str:
    return data.name


@pytest.fixture
def client() -> Iterator[TestClient[Any]]:
    with TestClient(Litestar([make], request_class=StrictRequest, openapi_config=None, logging_config=None)) as made:
        yield made


def test_what_is_read(client: TestClient[Any]) -> None:
    assert client.post("/", content='{"name": "é"}').text == "é"


@pytest.mark.check("L03")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 60_000, "too deep"),
        (b'{"name":' * 20_000, "too deep"),
        (b'{"name": "a", "name": "b"}', "'name' stands twice"),
        (b'{"name": "\xff"}', "UTF-8"),
        (b'{"name": NaN}', "NaN is no number"),
        (b'{"name": ', "no JSON"),
    ],
    ids=range(6),
)
def test_what_is_refused(client: TestClient[Any], content: bytes, said: str) -> None:
    answer = client.post("/", content=content)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]

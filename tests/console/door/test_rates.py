"""A caller that asks too often waits; others do not notice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, get, post
from litestar.testing import TestClient

from rightshift.console.door.rates import KEPT, Buckets, Rate, Rates


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_the_rate() -> None:
    clock = Clock()
    buckets = Buckets(Rate(per_s=2, burst=3), clock)
    assert [buckets.wait_s(b"a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.wait_s(b"b") == 0
    clock.now = 0.5
    assert [buckets.wait_s(b"a") for _ in range(2)] == [0, 0.5]


@pytest.mark.check("L05")
@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 2)), max_size=60))
def test_nobody_gets_more_than_burst_and_rate(asked: list[tuple[float, int]]) -> None:
    clock = Clock()
    buckets = Buckets(Rate(per_s=2, burst=3), clock)
    granted = {0: 0, 1: 0, 2: 0}
    for pause, who in asked:
        clock.now += pause
        granted[who] += buckets.wait_s(bytes([who])) == 0
        assert granted[who] <= 3 + 2 * clock.now + 1e-6


def test_what_is_remembered_is_bounded() -> None:
    buckets = Buckets(Rate(per_s=1, burst=1), Clock())
    for number in range(KEPT + 50):
        buckets.wait_s(number.to_bytes(4, "big"))
    assert len(buckets._left) == KEPT


@get("/x", sync_to_thread=False)
def people() -> str:
    return ""


@post("/ingest/x", sync_to_thread=False)
def documents() -> str:
    return ""


@pytest.mark.check("L05")
def test_documents_do_not_use_up_what_people_have() -> None:
    clock = Clock()
    limited = Rates(
        Litestar([people, documents], openapi_config=None, logging_config=None),
        Buckets(Rate(per_s=1, burst=1), clock),
        Buckets(Rate(per_s=0.1, burst=2), clock),
    )
    with TestClient(limited) as client:
        assert [client.post("/ingest/x").status_code for _ in range(3)] == [201, 201, 429]
        assert client.post("/ingest/x").headers["retry-after"] == "10"
        assert client.get("/x").status_code == 200
        assert client.get("/x").status_code == 429
        assert client.get("/x", headers={"Authorization": "Bearer other"}).status_code == 200

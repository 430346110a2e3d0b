"""An enrolment token makes sensors and does nothing else; a sensor's credential brings its own facts and no more."""

import httpx
import pytest

from tests.console.api.conftest import As, Clock


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def enrolment(as_role: As, **more: object) -> str:
    admin = await as_role("admin")
    answer = await admin.post("/api/v1/tokens", json={"name": "hosts", "kind": "enrolment", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["secret"])


async def test_each_sensor_gets_its_own_name_and_credential(as_role: As, anonymous: httpx.AsyncClient) -> None:
    token = bearer(await enrolment(as_role))
    made = [(await anonymous.post("/api/v1/enrol", json={"name": "web1"}, headers=token)).json() for _ in range(2)]
    assert made[0]["reporter"] != made[1]["reporter"]
    assert made[0]["credential"] != made[1]["credential"]
    me = (await anonymous.get("/api/v1/me", headers=bearer(made[0]["credential"]))).json()
    assert (me["kind"], me["name"]) == ("sensor", "web1")


@pytest.mark.parametrize("path", ["/findings", "/users", "/tokens", "/audit", "/teams"])
async def test_neither_reads_anything(as_role: As, anonymous: httpx.AsyncClient, path: str) -> None:
    token = bearer(await enrolment(as_role))
    sensor = (await anonymous.post("/api/v1/enrol", json={"name": "web1"}, headers=token)).json()["credential"]
    for headers in (token, bearer(sensor)):
        assert (await anonymous.get("/api/v1" + path, headers=headers)).status_code == 403
    assert (await anonymous.post("/api/v1/enrol", json={"name": "x"}, headers=bearer(sensor))).status_code == 403


async def test_it_enrols_as_often_and_as_long_as_it_may(
    as_role: As, anonymous: httpx.AsyncClient, clock: Clock
) -> None:
    token = bearer(await enrolment(as_role, uses=1, days=1))
    assert (await anonymous.post("/api/v1/enrol", json={"name": "a"}, headers=token)).status_code == 201
    assert (await anonymous.post("/api/v1/enrol", json={"name": "b"}, headers=token)).status_code == 403
    clock.passes(days=2)
    assert (await anonymous.post("/api/v1/enrol", json={"name": "c"}, headers=token)).status_code == 401


async def test_a_revoked_sensor_is_out_at_once(as_role: As, anonymous: httpx.AsyncClient) -> None:
    token = bearer(await enrolment(as_role))
    made = (await anonymous.post("/api/v1/enrol", json={"name": "web1"}, headers=token)).json()
    admin = await as_role("admin")
    assert (await admin.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await anonymous.get("/api/v1/me", headers=bearer(made["credential"]))).status_code == 401


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
async def test_no_person_enrols(as_role: As, role: str) -> None:
    assert (await (await as_role(role)).post("/api/v1/enrol", json={"name": "x"})).status_code == 403


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a\nb"}, {"name": "x", "reporter": "y"}])
async def test_what_is_no_enrolment(as_role: As, anonymous: httpx.AsyncClient, body: dict[str, str]) -> None:
    token = bearer(await enrolment(as_role))
    assert (await anonymous.post("/api/v1/enrol", json=body, headers=token)).status_code == 400

"""Sources and scans over the API: who may ask for what, versions, and that a click is a row."""

from collections.abc import Callable
from uuid import UUID, uuid4

import httpx
import pytest

from rightshift.console.auth.permission import Permission
from tests.console.api.conftest import As

Rows = Callable[..., list[tuple[object, ...]]]
NGINX = {"name": "the proxy", "reference": "nginx:1.27", "ecosystems": ["debian"]}


@pytest.fixture
def team(rows: Rows) -> UUID:
    (found,) = rows("INSERT INTO team (name) VALUES ('shop') RETURNING id")
    assert isinstance(found[0], UUID)
    return found[0]


async def test_a_source_is_added_read_listed_changed_and_removed(as_role: As, rows: Rows) -> None:
    admin = await as_role("operator")
    made = await admin.post("/api/v1/sources", json=NGINX)
    assert made.status_code == 201, made.text
    where = f"/api/v1/sources/{made.json()['id']}"
    read = await admin.get(where)
    assert (read.json()["reference"], read.json()["ecosystems"]) == ("nginx:1.27", ["deb"])
    assert [one["name"] for one in (await admin.get("/api/v1/sources")).json()["items"]] == ["the proxy"]
    put = await admin.put(where, json=NGINX | {"name": "proxy"}, headers={"If-Match": read.headers["etag"]})
    assert (put.status_code, put.json()["version"]) == (200, 2)
    assert (await admin.delete(where, headers={"If-Match": put.headers["etag"]})).status_code == 204
    assert (await admin.get(where)).status_code == 404
    told = [action for (action,) in rows("SELECT action FROM audit WHERE action LIKE 'sources.%' ORDER BY id")]
    assert told == ["sources.add", "sources.change", "sources.remove"]


@pytest.mark.check("Z11")
async def test_who_sends_an_older_version_is_told_so(as_role: As) -> None:
    asking = await as_role("operator")
    where = f"/api/v1/sources/{(await asking.post('/api/v1/sources', json=NGINX)).json()['id']}"
    assert (await asking.put(where, json=NGINX)).status_code == 428
    assert (await asking.delete(where)).status_code == 428
    assert (await asking.put(where, json=NGINX, headers={"If-Match": '"7"'})).status_code == 412
    assert (await asking.delete(where, headers={"If-Match": '"7"'})).status_code == 412


async def test_a_name_is_there_once(as_role: As) -> None:
    asking = await as_role("operator")
    assert (await asking.post("/api/v1/sources", json=NGINX)).status_code == 201
    assert (await asking.post("/api/v1/sources", json=NGINX)).status_code == 409


async def test_a_source_of_another_team_is_as_if_absent(as_role: As, team: UUID) -> None:
    everything, shop = await as_role("operator"), await as_role("operator", teams=frozenset({team}))
    id = (await everything.post("/api/v1/sources", json=NGINX)).json()["id"]
    assert (await shop.get("/api/v1/sources")).json()["items"] == []
    for answer in (
        await shop.get(f"/api/v1/sources/{id}"),
        await shop.put(f"/api/v1/sources/{id}", json=NGINX, headers={"If-Match": '"1"'}),
        await shop.delete(f"/api/v1/sources/{id}", headers={"If-Match": '"1"'}),
        await shop.post(f"/api/v1/sources/{id}/scan"),
    ):
        assert answer.status_code == 404
    # nor does its name tell of it
    assert (await shop.post("/api/v1/sources", json=NGINX)).status_code == 201
    assert len((await everything.get("/api/v1/sources")).json()["items"]) == 2


@pytest.mark.parametrize("reference", ["host:", "dir:/etc", "tar:/srv/a.tar", "sbom:/srv/a.json"])
async def test_this_machine_is_read_for_administrators_alone(as_role: As, team: UUID, reference: str) -> None:
    body = {"name": "here", "reference": reference}
    operator, some = await as_role("operator"), await as_role("admin", teams=frozenset({team}))
    admin = await as_role("admin")
    for asking in (operator, some):
        assert (await asking.post("/api/v1/sources", json=body)).status_code == 403
        assert (await asking.post("/api/v1/scans", json={"reference": reference})).status_code == 403
    assert (await admin.post("/api/v1/sources", json=body)).status_code == 201


async def test_private_networks_are_for_what_an_administrator_wrote(as_role: As, rows: Rows) -> None:
    operator, admin = await as_role("operator"), await as_role("admin")
    made = await admin.post("/api/v1/sources", json=NGINX)
    where, tag = f"/api/v1/sources/{made.json()['id']}", made.headers["etag"]
    renamed = await operator.put(where, json=NGINX | {"name": "x"}, headers={"If-Match": tag})
    assert rows("SELECT trusted FROM source") == [(True,)]
    other = NGINX | {"reference": "registry:10.0.0.1:5000/a"}
    await operator.put(where, json=other, headers={"If-Match": renamed.headers["etag"]})
    assert rows("SELECT trusted FROM source") == [(False,)]


@pytest.mark.parametrize(
    "bad",
    [
        {"reference": ""},
        {"reference": "/etc"},
        {"reference": "nginx\n"},
        {"reference": "A"},
        {"ecosystems": ["klingon"]},
        {"name": ""},
        {"name": "a\u202eb"},
        {"trusted": True},
        {"teams": None},
        {"id": str(uuid4())},
    ],
)
async def test_refused_bodies(as_role: As, bad: dict[str, object]) -> None:
    admin = await as_role("admin")
    assert (await admin.post("/api/v1/sources", json=NGINX | bad)).status_code == 400


async def test_a_scan_is_a_row_once_as_long_as_it_waits(as_role: As, rows: Rows) -> None:
    asking = await as_role("operator")
    id = (await asking.post("/api/v1/sources", json=NGINX)).json()["id"]
    first, second = [await asking.post(f"/api/v1/sources/{id}/scan") for _ in range(2)]
    assert (first.status_code, first.json()["state"], first.json()["source"]) == (202, "waiting", id)
    assert first.headers["location"] == f"/api/v1/jobs/{first.json()['id']}"
    assert second.json()["id"] == first.json()["id"]
    assert rows("SELECT arguments FROM job_run") == [
        ({"reference": "nginx:1.27", "ecosystems": ["deb"], "trusted": False},)
    ]
    assert (await asking.get(f"/api/v1/sources/{id}")).json()["last_run"] == first.json()["id"]


async def test_something_is_scanned_that_is_no_source(as_role: As, rows: Rows) -> None:
    asking = await as_role("operator")
    answer = await asking.post("/api/v1/scans", json={"reference": "redis:7"})
    assert (answer.status_code, answer.json()["source"]) == (202, None)
    assert rows("SELECT action FROM audit WHERE action = 'scans.run'") == [("scans.run",)]


async def test_a_viewer_reads_and_asks_for_nothing(as_role: As) -> None:
    viewer = await as_role("viewer")
    assert (await viewer.get("/api/v1/sources")).status_code == 200
    assert (await viewer.post("/api/v1/sources", json=NGINX)).status_code == 403
    assert (await viewer.post("/api/v1/scans", json={"reference": "redis:7"})).status_code == 403


async def test_a_token_of_a_pipeline_may_scan_images_only(as_token: As) -> None:
    token: httpx.AsyncClient = await as_token({Permission.SCANS_RUN})
    assert (await token.post("/api/v1/scans", json={"reference": "redis:7"})).status_code == 202
    assert (await token.post("/api/v1/scans", json={"reference": "host:"})).status_code == 403

"""Accepted risks and VEX as their callers see them: what each may do, what a body must hold, what is stored."""

import json
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import httpx
import pytest

from rightshift.console.auth.permission import Permission
from tests.console.api.conftest import As, Clock
from tests.console.populate import NOW, Estate, fill

MAY = {Permission.FINDINGS_READ, Permission.FINDINGS_ACCEPT}
TEAM, OTHER = UUID(int=1), UUID(int=2)
BODY = {"advisory": "CVE-2024-10001", "reason": "Not reachable, see ticket 12", "until": "2026-12-24"}
ACCEPTANCES = "/api/v1/acceptances"
Rows = Callable[..., list[tuple[object, ...]]]
VEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.org/vex/1",
    "author": "A vendor",
    "timestamp": "2026-11-01T00:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "GHSA-1", "aliases": ["CVE-2024-10001"]},
            "products": [{"@id": "pkg:oci/app", "subcomponents": [{"@id": "pkg:npm/package-1"}]}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_present",
        }
    ],
}


@pytest.fixture
def estate(database: str, clock: Clock) -> datetime:
    fill(database, Estate(inventories=15, packages=40, advisories=60, per_inventory=12))
    clock.now = NOW
    return NOW


@pytest.fixture
async def operator(estate: datetime, as_token: As) -> httpx.AsyncClient:
    return await as_token(MAY)


async def test_what_is_accepted_is_kept_with_its_audit_line_and_a_mark(operator: httpx.AsyncClient, rows: Rows) -> None:
    answer = await operator.post(ACCEPTANCES, json=BODY | {"package": "package-1", "unit": "ns-1/*"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["owner"], made["unit"], made["until"], made["ended"]) == ("a service", "ns-1/*", "2026-12-24", None)
    assert (await operator.get(f"{ACCEPTANCES}/{made['id']}")).json() == made
    assert (await operator.get(ACCEPTANCES)).json()["items"] == [made]
    assert rows("SELECT what FROM dirty") == [("wishes",)]
    ((target, after),) = rows("SELECT target, after FROM audit WHERE action = 'acceptances.add'")
    assert (target, after["advisory"], after["reason"]) == (made["id"], BODY["advisory"], BODY["reason"])  # type: ignore[index]


async def test_a_finding_is_accepted_in_words_that_outlive_it(operator: httpx.AsyncClient) -> None:
    for kind in ("workload", "image", "host"):
        found = (await operator.get("/api/v1/findings?limit=1000")).json()["items"]
        one = next(row for row in found if row["unit_kind"] == kind)
        rest = {name: BODY[name] for name in ("reason", "until")}
        answer = await operator.post(ACCEPTANCES, json=rest | {"finding": one["id"]})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["advisory"], made["package"], made["ecosystem"]) == (
            one["advisory"], one["package"], one["ecosystem"],
        )  # fmt: skip
        name = {"workload": f"{one['namespace']}/{one['unit_name']}", "image": one["image"], "host": one["unit_name"]}
        assert made["unit"] == name[kind]


@pytest.mark.parametrize(
    "change",
    [
        {"until": "2026-11-23"},
        {"until": "2028-01-01"},
        {"until": "soon"},
        {"reason": "ok"},
        {"reason": "x" * 2001},
        {"reason": "a reason with \x00"},
        {"advisory": ""},
        {"advisory": "a\x00b"},
        {"advisory": "x" * 301},
        {"owner": "Eve"},
        {"teams": None},
        {"finding": str(UUID(int=1))},
        {"finding": "1"},
    ],
)
async def test_refused_bodies(operator: httpx.AsyncClient, rows: Rows, change: dict[str, object]) -> None:
    answer = await operator.post(ACCEPTANCES, json=BODY | change)
    assert answer.status_code == 400, answer.text
    assert rows("SELECT * FROM acceptance") == []


async def test_it_ends_once(operator: httpx.AsyncClient, rows: Rows) -> None:
    id = (await operator.post(ACCEPTANCES, json=BODY)).json()["id"]
    assert (await operator.delete(f"{ACCEPTANCES}/{id}")).status_code == 204
    assert (await operator.delete(f"{ACCEPTANCES}/{id}")).status_code == 404
    assert (await operator.get(ACCEPTANCES)).json()["items"] == []
    assert [one["id"] for one in (await operator.get(f"{ACCEPTANCES}?ended=true")).json()["items"]] == [id]
    assert rows("SELECT before ->> 'advisory' FROM audit WHERE action = 'acceptances.end'") == [(BODY["advisory"],)]


async def test_teams_accept_for_themselves_and_end_what_is_theirs(estate: datetime, as_token: As, rows: Rows) -> None:
    everything, ours, others = (
        await as_token(MAY),
        await as_token(MAY, frozenset({TEAM})),
        await as_token(MAY, frozenset({OTHER})),
    )
    id = (await ours.post(ACCEPTANCES, json=BODY)).json()["id"]
    assert rows("SELECT teams FROM acceptance") == [([TEAM],)]
    assert (await others.get(f"{ACCEPTANCES}/{id}")).status_code == 404
    assert (await others.delete(f"{ACCEPTANCES}/{id}")).status_code == 404
    of_all = (await everything.post(ACCEPTANCES, json=BODY)).json()["id"]
    assert (await ours.delete(f"{ACCEPTANCES}/{of_all}")).status_code == 404
    theirs = (await everything.get("/api/v1/findings?limit=1000")).json()["items"]
    mine = {row["id"] for row in (await ours.get("/api/v1/findings?limit=1000")).json()["items"]}
    outside = next(row["id"] for row in theirs if row["id"] not in mine)
    body = {"finding": outside, "reason": BODY["reason"], "until": BODY["until"]}
    assert (await ours.post(ACCEPTANCES, json=body)).status_code == 404
    assert (await (await as_token(MAY, frozenset())).post(ACCEPTANCES, json=BODY)).status_code == 404
    assert (await ours.delete(f"{ACCEPTANCES}/{id}")).status_code == 204


async def test_a_viewer_may_not_accept(estate: datetime, as_token: As, rows: Rows) -> None:
    viewer = await as_token({Permission.FINDINGS_READ})
    assert (await viewer.post(ACCEPTANCES, json=BODY)).status_code == 403
    assert (await viewer.put("/api/v1/vex?document=a", json=VEX)).status_code == 403
    assert rows("SELECT * FROM acceptance") == []


async def test_a_document_of_vex_is_kept_replaced_and_removed(operator: httpx.AsyncClient, rows: Rows) -> None:
    for _ in range(2):
        answer = await operator.put("/api/v1/vex?document=vendor", json=VEX)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"name": "vendor", "statements": 1}
    (one,) = (await operator.get("/api/v1/vex")).json()["items"]
    assert (one["product"], one["package"], one["advisory"], one["status"], one["author"]) == (
        "pkg:oci/app", "pkg:npm/package-1", "CVE-2024-10001", "not_affected", "A vendor",
    )  # fmt: skip
    assert (await operator.delete("/api/v1/vex?document=vendor")).status_code == 204
    assert (await operator.delete("/api/v1/vex?document=vendor")).status_code == 404
    assert rows("SELECT action FROM audit WHERE action LIKE 'vex.%' ORDER BY id") == [
        ("vex.put",), ("vex.put",), ("vex.remove",),
    ]  # fmt: skip


async def test_documents_of_the_same_name_belong_to_their_teams(estate: datetime, as_token: As, rows: Rows) -> None:
    everything, ours = await as_token(MAY), await as_token(MAY, frozenset({TEAM}))
    for asking in (ours, everything):
        assert (await asking.put("/api/v1/vex?document=vendor", json=VEX)).status_code == 200
    assert len((await everything.get("/api/v1/vex")).json()["items"]) == 2
    assert len((await ours.get("/api/v1/vex")).json()["items"]) == 1
    assert (await ours.delete("/api/v1/vex?document=vendor")).status_code == 204
    assert rows("SELECT teams FROM vex_statement") == [(None,)]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, json.dumps(VEX | {"statements": [{}]}).encode(),
        json.dumps(VEX | {"statements": [VEX["statements"][0] | {"status": "fine"}]}).encode(),  # type: ignore[index]
    ],
)  # fmt: skip
async def test_what_is_no_vex_is_refused_whole(operator: httpx.AsyncClient, rows: Rows, body: bytes) -> None:
    answer = await operator.put("/api/v1/vex?document=x", content=body)
    assert answer.status_code == 400, answer.text
    assert rows("SELECT * FROM vex_statement") == []


async def test_a_document_that_is_too_large_is_refused(operator: httpx.AsyncClient) -> None:
    answer = await operator.put("/api/v1/vex?document=x", content=b" " * ((4 << 20) + 1))
    assert answer.status_code == 413

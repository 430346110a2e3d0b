"""Jobs over the API: pages, logs, cancels, and whose they are."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.console.api.conftest import As

Rows = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def team(rows: Rows) -> UUID:
    (found,) = rows("INSERT INTO team (name) VALUES ('shop') RETURNING id")
    assert isinstance(found[0], UUID)
    return found[0]


async def test_jobs_come_page_by_page_the_newest_first(as_role: As, rows: Rows) -> None:
    rows(
        "INSERT INTO job_run (name, state, created) "
        "SELECT 'retain', CASE WHEN n % 2 = 0 THEN 'done' ELSE 'failed' END, "
        "'2026-01-01'::timestamptz + n / 2 * '1h'::interval "
        "FROM generate_series(1, 9) n"
    )
    asking = await as_role("viewer")
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await asking.get("/api/v1/jobs", params={"limit": 2, **after})).json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    expected = [str(id) for (id,) in rows("SELECT id FROM job_run ORDER BY created DESC, id DESC")]
    assert seen == expected
    failed = (await asking.get("/api/v1/jobs", params={"state": "failed", "job": "retain"})).json()["items"]
    assert {one["state"] for one in failed} == {"failed"}
    assert len(failed) == 5


async def test_a_job_that_waits_ends_at_once_when_it_is_cancelled(as_role: As, rows: Rows) -> None:
    asking = await as_role("operator")
    id = (await asking.post("/api/v1/scans", json={"reference": "redis:7"})).json()["id"]
    answer = await asking.post(f"/api/v1/jobs/{id}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelled")
    assert (await asking.post(f"/api/v1/jobs/{id}/cancel")).status_code == 409
    assert rows("SELECT target FROM audit WHERE action = 'jobs.cancel'") == [(id,)]


async def test_one_that_runs_is_told_to_end(as_role: As, rows: Rows) -> None:
    rows("INSERT INTO job_run (name, state) VALUES ('retain', 'running')")
    asking = await as_role("operator")
    (job,) = (await asking.get("/api/v1/jobs")).json()["items"]
    answer = await asking.post(f"/api/v1/jobs/{job['id']}/cancel")
    assert (answer.json()["state"], answer.json()["cancelling"]) == ("running", True)
    assert (await asking.post(f"/api/v1/jobs/{job['id']}/cancel")).status_code == 409


async def test_a_log_comes_in_order(as_role: As, rows: Rows) -> None:
    ((id,),) = rows("INSERT INTO job_run (name) VALUES ('retain') RETURNING id")
    rows("INSERT INTO job_log (run_id, line) SELECT %s, n::text FROM generate_series(1, 5) n", id)
    asking = await as_role("viewer")
    first = (await asking.get(f"/api/v1/jobs/{id}/log", params={"limit": 3})).json()
    rest = (await asking.get(f"/api/v1/jobs/{id}/log", params={"after": first["next"]})).json()
    assert [one["line"] for one in first["items"] + rest["items"]] == list("12345")


async def test_a_job_of_another_team_is_as_if_absent(as_role: As, rows: Rows, team: UUID) -> None:
    ((id,),) = rows("INSERT INTO job_run (name) VALUES ('retain') RETURNING id")
    ((own,),) = rows("INSERT INTO job_run (name, teams) VALUES ('scan_source', %s) RETURNING id", [team])
    asking = await as_role("operator", teams=frozenset({team}))
    for path in ("", "/log"):
        assert (await asking.get(f"/api/v1/jobs/{id}{path}")).status_code == 404
        assert (await asking.get(f"/api/v1/jobs/{own}{path}")).status_code == 200
    assert (await asking.post(f"/api/v1/jobs/{id}/cancel")).status_code == 404
    assert [one["id"] for one in (await asking.get("/api/v1/jobs")).json()["items"]] == [str(own)]


async def test_a_viewer_cancels_nothing(as_role: As, rows: Rows) -> None:
    ((id,),) = rows("INSERT INTO job_run (name) VALUES ('retain') RETURNING id")
    assert (await (await as_role("viewer")).post(f"/api/v1/jobs/{id}/cancel")).status_code == 403


@pytest.mark.parametrize("query", ["state=lost", "job=x", "limit=0", "limit=1001", "after=x", "colour=red", "source=1"])
async def test_refused_questions(as_role: As, query: str) -> None:
    assert (await (await as_role("viewer")).get(f"/api/v1/jobs?{query}")).status_code == 400

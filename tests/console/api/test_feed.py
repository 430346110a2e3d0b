"""The feed over the API: what is in use, and its update."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from rightshift.feed import starter
from tests.console.api.conftest import As

Rows = Callable[..., list[tuple[object, ...]]]


async def test_a_console_without_a_feed_says_so(as_role: As) -> None:
    answer = (await (await as_role("viewer")).get("/api/v1/feed")).json()
    assert (answer["file"]["kind"], answer["current"], answer["derived_generation"]) == ("none", False, -1)


async def test_the_starter_feed_is_told_apart(as_role: As, tmp_path: Path, rows: Rows) -> None:
    starter.opened(tmp_path / "feed").close()
    asking = await as_role("viewer")
    file = (await asking.get("/api/v1/feed")).json()["file"]
    assert file["kind"] == "starter"
    assert file["advisories"] > 0
    rows("UPDATE derived SET lineage = %s, generation = %s", file["lineage"], file["generation"])
    assert (await asking.get("/api/v1/feed")).json()["current"] is True


async def test_an_update_is_a_job_once_as_long_as_it_waits(as_role: As, rows: Rows) -> None:
    asking = await as_role("operator")
    first, second = [await asking.post("/api/v1/feed/update") for _ in range(2)]
    assert (first.status_code, first.json()["job"]) == (202, "update_feed")
    assert second.json()["id"] == first.json()["id"]
    assert (await asking.get("/api/v1/feed")).json()["job"]["id"] == first.json()["id"]
    assert rows("SELECT count(*) FROM audit WHERE action = 'feed.update'") == [(2,)]
    assert rows("SELECT arguments FROM job_run") == [({"confirm": False},)]


async def test_only_who_sees_everything_updates_it(as_role: As, rows: Rows) -> None:
    ((team,),) = rows("INSERT INTO team (name) VALUES ('shop') RETURNING id")
    assert isinstance(team, UUID)
    assert (await (await as_role("viewer")).post("/api/v1/feed/update")).status_code == 403
    assert (await (await as_role("operator", teams=frozenset({team}))).post("/api/v1/feed/update")).status_code == 403

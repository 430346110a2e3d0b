"""What is stale is said: to who sees everything also by name."""

from collections.abc import Callable
from uuid import uuid4

from tests.console.api.conftest import As

Rows = Callable[..., list[tuple[object, ...]]]


async def test_what_could_not_be_worked_on_is_said(as_role: As, rows: Rows) -> None:
    rows("INSERT INTO set_aside VALUES ('asset', 0, 'host', 'h1', 'It ended by DataError', '0.1.0', '2026-01-01')")
    rows("INSERT INTO set_aside VALUES ('package_version', 7, '', '', 'It ended by ValueError', '0.1.0', '2025-01-01')")
    team = uuid4()
    rows("INSERT INTO team (id, name) VALUES (%s, 'a team')", team)
    all_of_it = (await (await as_role("viewer")).get("/api/v1/status")).json()
    assert [(one["name"], one["reason"]) for one in all_of_it["aside"]] == [
        ("host:h1", "It ended by DataError"),
        ("", "It ended by ValueError"),
    ]
    assert "Things that could not be worked on: 2" in [one["what"] for one in all_of_it["stale"]]
    some_of_it = (await (await as_role("viewer", teams=frozenset({team}))).get("/api/v1/status")).json()
    assert some_of_it["aside"] == []
    assert some_of_it["conclusions"]["aside"] == 2

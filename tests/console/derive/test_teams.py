from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from rightshift.console.derive.teams import belongs
from rightshift.console.store.conclusions.teams import Placed, Team
from rightshift.console.store.pool import Pool
from tests.console.derive import world

Rows = Callable[..., list[tuple[object, ...]]]
ASSET = Placed(1, "container", "web-1", "production", "shop", "node-1", "registry.example/shop/web", {"tier": "front"})


@pytest.mark.parametrize(
    "selector",
    [
        {"clusters": ["prod*"]},
        {"namespaces": ["other", "shop"]},
        {"clusters": ["production"], "namespaces": ["sh?p"]},
        {"images": ["*/shop/*"]},
        {"hosts": ["node-[0-9]"]},
        {"labels": {"tier": "fr*"}},
        {"labels": ["tier=front"]},
        {"labels": ["tier"]},
        {"clusters": ["production"], "namespaces": []},
    ],
)
def test_an_asset_belongs_where_all_that_is_named_holds(selector: dict[str, object]) -> None:
    assert belongs(ASSET, Team(uuid4(), selector))


@pytest.mark.check("L15")
def test_a_pattern_of_many_stars_is_over_at_once() -> None:
    """Tried in every way that it can be laid out it would never end."""
    name = "a" * 5_000
    asset = Placed(1, "container", name, name, name, name, name, {})
    assert not belongs(asset, Team(uuid4(), {"clusters": ["*a" * 16 + "b"]}))
    assert belongs(asset, Team(uuid4(), {"clusters": ["*a" * 16]}))


@pytest.mark.parametrize(
    "selector",
    [
        {},
        {"clusters": []},
        {"clusters": ["stag*"]},
        {"clusters": ["production"], "namespaces": ["other"]},
        {"labels": {"tier": "back"}},
        {"labels": {"owner": "*"}},
        {"labels": 3},
        {"clusters": "production"},
        {"clusters": [3]},
        {"clusters": ["*" * 100]},
        {"planets": ["*"]},
    ],
)
def test_what_names_nothing_or_something_else_selects_nothing(selector: dict[str, object]) -> None:
    assert not belongs(ASSET, Team(uuid4(), selector))


def test_a_pattern_never_selects_what_has_no_such_place() -> None:
    host = Placed(1, "host", "node", "", "", "node", "", {})
    assert not belongs(host, Team(uuid4(), {"clusters": ["*"]}))


async def test_assets_follow_their_teams_selectors(database: str, pool: Pool, rows: Rows, tmp_path: Path) -> None:
    world.grown(tmp_path, [])
    rows("INSERT INTO team (name, selector) VALUES ('one', '{\"hosts\": [\"a*\"]}')")
    world.put_fact(database, "host:1", name="abc")
    world.put_fact(database, "host:2", name="xyz")
    await world.derive(pool, tmp_path)
    belonging = "SELECT a.name, t.name FROM asset_team JOIN asset a ON a.id = asset_id JOIN team t ON t.id = team_id"
    assert rows(belonging) == [("abc", "one")]
    rows('UPDATE team SET selector = \'{"hosts": ["x*"]}\'')
    rows("INSERT INTO dirty (what) VALUES ('wishes')")
    await world.derive(pool, tmp_path)
    assert rows(belonging) == [("xyz", "one")]

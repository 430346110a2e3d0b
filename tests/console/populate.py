"""An estate of any size in a database, of the shape that estates have; made by the database itself, so in seconds."""

from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from rightshift.console.store.conclusions import facets, triage
from rightshift.console.store.sql import questions

_ASK = questions(__file__)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """How much there is. `used` is the share of packages in holders of whose use something is known."""

    inventories: int = 60
    packages: int = 200
    advisories: int = 400
    per_inventory: int = 40
    replicas: int = 3
    used: float = 0.05
    relations: int = 0


LARGE = Estate(
    inventories=7_000, packages=6_000, advisories=9_000, per_inventory=550, replicas=6, used=0.0, relations=50_000
)
"""29,000 assets, 50,000 relations and 12.6 million findings in 7,000 inventories."""


def fill(url: str, estate: Estate, *, seed: float = 0.5, wild: bool = False) -> None:
    """
    Fills an empty database. The same estate and seed (-1 to 1) give the same rows.

    `wild` puts random numbers in place of points, exposure, privileges and severities.
    """
    values = {name: getattr(estate, name) for name in Estate.__slots__} | {"now": NOW}
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET work_mem = '64MB'")
        connection.execute("SET jit = off")
        connection.execute("SELECT setseed(%s)", (seed,))
        steps = ["packages", "advisories", "inventories", "assets", "holders", "teams"]
        for step in [*steps, *(["random"] if wild else []), "relations", "uses", "triage"]:
            connection.execute(_ASK[step], values)
            if step in ("advisories", "inventories", "holders"):
                connection.execute("ANALYZE")
        connection.execute("VACUUM (ANALYZE)")
        inventories = [row[0] for row in connection.execute("SELECT id FROM inventory").fetchall()]
        recount = questions(facets.__file__)["recount"]
        for at in range(0, len(inventories), 500):
            connection.execute(recount, {"inventories": inventories[at : at + 500], "edges": facets.EDGES})
        connection.execute(questions(triage.__file__)["sort"], {"scope": None, "edges": facets.EDGES})
        connection.execute("VACUUM (ANALYZE) holder, facet")

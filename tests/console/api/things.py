"""Things of each kind that belong to somebody, put into the database as they would stand there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any, Literal
from uuid import UUID

import psycopg

from rightshift.console.auth.secrets import made
from rightshift.console.store.conclusions import assets, facets, triage
from rightshift.console.store.finding_ids import Finding, Ids
from rightshift.console.store.sql import questions
from rightshift.console.vault import Vault

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OURS, THEIRS = UUID(int=1), UUID(int=2)
"""Two of the teams that `populate` makes."""
PASSWORD = "nine unlikely words of mine"
TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
Owner = UUID | None
"""The team that has something; None is nobody, and then only who sees everything sees it."""
_ASK = questions(__file__)


@dataclass(frozen=True)
class Holding:
    """A host with a package that is vulnerable, which only its owner has."""

    asset: UUID
    key: str
    digest: str
    advisory: str
    finding: UUID
    numbers: dict[str, int]


@dataclass(frozen=True)
class Person:
    """Somebody with PASSWORD, and with a second factor of TOTP unless they still owe it."""

    id: UUID
    name: str


class Things:
    """Makes them, each with a name of its own; `mark` stands in every text of what is made."""

    def __init__(self, url: str, vault: Vault, password: str, *, mark: str = "thing", first: int = 1) -> None:
        self._connection = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor)
        self._vault, self._password = vault, password
        self._numbers = count(first)
        self.mark = mark

    def close(self) -> None:
        self._connection.close()

    def ask(self, statement: str, /, **values: object) -> Any:
        """One of the statements beside this; the first row where there are any."""
        cursor = self._connection.execute(_ASK[statement], {"now": NOW, **values})
        return cursor.fetchone() if cursor.description else None

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        return self._connection.execute(question.encode(), values or None).fetchall()

    def do(self, statements: str) -> None:
        """Several, with nothing to come back."""
        self._connection.execute(statements.encode())

    def name(self) -> str:
        """One that nothing else has."""
        return f"{self.mark}-{next(self._numbers)}"

    def made(self, kind: str, owner: Owner) -> str:
        """The id of a new thing, by the name that it has in paths. Raises: KeyError for a kind that nobody told of."""
        return str(KINDS[kind](self, owner))

    def simple(self, kind: str, owner: Owner, **more: object) -> Any:
        """A thing of one row."""
        teams = None if owner is None else [owner]
        return self.ask(kind, **{"name": self.name(), "teams": teams, "source": None, **more})[0]

    def person(self, role: str, owner: Owner, *, teams: list[UUID] | None = None, owes: bool = False) -> Person:
        name = self.name()
        within = ([owner] if owner else None) if teams is None else teams
        (id,) = self.ask("person", name=name, role=role, teams=within, password=self._password)
        if within:
            self.ask("person_teams", person=id, teams=within)
        if not owes:
            sealed = self._vault.seal(TOTP.encode(), f"totp:{id}")
            self.ask("second_factor", person=id, totp=sealed)
        return Person(id, name)

    def session(self, person: Person, *, complete: bool = True) -> str:
        """The secret of its cookie; the word for changes is `word`."""
        secret = f"session {self.name()}"
        self.ask("session", hash=sha256(secret.encode()).digest(), person=person.id, complete=complete)
        return secret

    def link(self, person: Person) -> str:
        secret = made("link")
        self.ask("link", hash=sha256(secret.encode()).digest(), person=person.id)
        return secret

    def token(
        self,
        kind: Literal["person", "service", "enrolment", "sensor"],
        permissions: list[str],
        *,
        teams: list[UUID] | None = None,
        person: UUID | None = None,
        reporter: str | None = None,
    ) -> tuple[UUID, str]:
        """Its id and its secret."""
        secret = made(kind)
        number = self.ask("reporter", key=reporter, name=self.name())[0] if reporter else None
        (id,) = self.ask(
            "token",
            kind=kind,
            name=self.name(),
            hash=sha256(secret.encode()).digest(),
            permissions=permissions,
            teams=teams,
            person=person,
            reporter=number,
        )
        return id, secret

    def holding(self, owner: Owner) -> Holding:
        """A host that only its owner has, and what is in it."""
        name = self.name()
        version, package = self.ask("package", name=name)
        (advisory,) = self.ask("advisory", name=name)
        self.ask("match", version=version, advisory=advisory, name=name)
        self.ask("matched", version=version)
        inventory, digest = self.ask("inventory", name=name)
        self.ask("inventory_package", inventory=inventory, version=version, name=name)
        asset, uid = self.ask("asset", kind="host", name=name, inventory=inventory, parent=None)
        if owner:
            self.ask("asset_team", asset=asset, teams=[owner])
        self.holds(asset, inventory)
        ((key,),) = self.rows("SELECT finding_key FROM installation")
        finding = Ids(bytes(key)).encode(Finding(asset, package, advisory))
        numbers = {"asset": asset, "inventory": inventory, "version": version, "advisory": advisory}
        return Holding(uid, name, digest, name, finding, numbers)

    def sensor(self, owner: Owner) -> str:
        held = self.holding(owner)
        self.ask("reporter", key=held.key, name=self.name())
        self.token("sensor", ["facts:write"], reporter=held.key)
        return held.key

    def holds(self, unit: int, inventory: int) -> None:
        """What is in it, and how much of it is wrong, as `derive` counts it."""
        self.ask("unit", asset=unit, unit=unit)
        self.ask("holds", asset=unit, inventory=inventory)
        self.ask("holder", unit=unit, inventory=inventory)
        self.count([inventory])

    def forget(self, held: Holding) -> None:
        """As `derive` does with what nobody tells of any more."""
        self._connection.execute(questions(assets.__file__)["forget"], {"ids": [held.numbers["asset"]]})

    def count(self, inventories: list[int]) -> None:
        recount, sort = questions(facets.__file__)["recount"], questions(triage.__file__)["sort"]
        self._connection.execute(recount, {"inventories": inventories, "edges": facets.EDGES})
        self._connection.execute(sort, {"scope": None, "edges": facets.EDGES})

    def scan(self, owner: Owner) -> str:
        held = self.holding(owner)
        (id,) = self.ask("scan", name=self.name(), key=held.key, inventory=held.numbers["inventory"])
        return str(id)

    def provider(self) -> str:
        """One that nobody belongs to, on this machine, where no provider may be."""
        name = self.name()
        return str(self.simple("provider", None, name=name, sealed=self._vault.seal(b"secret", f"oidc:{name}")))


def _user(things: Things, owner: Owner) -> object:
    person = things.person("viewer", owner)
    things.ask("linked", person=person.id)
    return person.id


def _schedule(things: Things, owner: Owner) -> object:
    return things.simple("schedule", owner, source=things.simple("source", owner))


KINDS: dict[str, Callable[[Things, Owner], object]] = {
    "acceptance": lambda things, owner: things.simple("acceptance", owner),
    "advisory": lambda things, owner: things.holding(owner).advisory,
    "asset": lambda things, owner: things.holding(owner).asset,
    "digest": lambda things, owner: things.holding(owner).digest,
    "document": lambda things, owner: things.simple("document", owner),
    "finding": lambda things, owner: things.holding(owner).finding,
    "job": lambda things, owner: things.simple("job", owner),
    "provider": lambda things, _: things.provider(),
    "scan": lambda things, owner: things.scan(owner),
    "schedule": _schedule,
    "sensor": lambda things, owner: things.sensor(owner),
    "source": lambda things, owner: things.simple("source", owner),
    "team": lambda things, owner: owner or things.simple("team", None),
    "token": lambda things, owner: things.token("service", ["assets:read"], teams=[owner] if owner else None)[0],
    "user": _user,
}
"""By the name of the parameter in a path that stands for one. A new kind of path needs its line here."""

"""The real application over an estate of two teams and of nobody, and everybody who may come and ask it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pyotp

from rightshift.config import Config
from rightshift.console.auth import second_factor
from rightshift.console.auth.permission import OF_ROLE, Permission, role_of
from rightshift.console.vault import Vault
from tests.console.api.asking import Answer, ask
from tests.console.api.operations import Operation, example
from tests.console.api.things import NOW, OURS, PASSWORD, TOTP, Owner, Person, Things

EVERYBODY = ("anonymous", "halfway", "viewer", "operator", "admin", "owing", "token", "sensor", "enrolment")
"""Who may come. `halfway` gave the password and not yet the code; `owing` has no second factor, and needs one."""
PEOPLE = ("viewer", "operator", "admin")
REPORTER = "5d41402abc4b2a76b9719d911017c592"
"""As in the example of a facts document."""


@dataclass(frozen=True)
class Asked:
    """A request that is right in all but who sends it."""

    method: str
    path: str
    query: dict[str, object] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Caller:
    """Who asks: what is sent to prove it, and who that is, if a person."""

    headers: Mapping[str, str]
    person: Person | None = None


@dataclass(frozen=True)
class Stage:
    """The application, and what is behind it."""

    app: Any
    things: Things
    vault: Vault
    url: str
    settings: Config

    def caller(self, who: str, operation: Operation, teams: list[UUID] | None = None) -> Caller:
        """Somebody new of this sort. A token has the one permission that the operation names, and no other."""
        if who == "anonymous":
            return Caller({})
        if who in ("token", "person's token"):
            named = [] if operation.permission == "-" else [operation.permission]
            return self.token(named, teams)
        if who == "sensor":
            rights = [Permission.FACTS_WRITE, Permission.SCANS_WRITE]
            return self._bearer(self.things.token("sensor", [*map(str, rights)], reporter=REPORTER)[1])
        if who == "enrolment":
            return self._bearer(self.things.token("enrolment", [Permission.ENROL])[1])
        role = "admin" if who in ("owing", "halfway") else who
        owner = teams[0] if teams else None
        person = self.things.person(role, owner, teams=teams, owes=who == "owing")
        secret = self.things.session(person, complete=who != "halfway")
        return Caller({"Cookie": f"rightshift={secret}", "X-CSRF-Token": "word"}, person)

    def token(self, permissions: list[str], teams: list[UUID] | None = None) -> Caller:
        """A token of a service."""
        return self._bearer(self.things.token("service", permissions, teams=teams)[1])

    def own_token(self, role: str, teams: list[UUID] | None = None) -> Caller:
        """A person's own token with all that their role has."""
        person = self.things.person(role, None, teams=teams)
        rights = sorted(map(str, OF_ROLE[role_of(role)]))
        return self._bearer(self.things.token("person", rights, teams=teams, person=person.id)[1])

    @staticmethod
    def _bearer(secret: str) -> Caller:
        return Caller({"Authorization": f"Bearer {secret}"})

    async def send(self, asked: Asked, caller: Caller | None = None) -> Answer:
        """What comes back."""
        headers = {**(caller.headers if caller else {}), **asked.headers}
        return await ask(self.app, asked.method, asked.path, query=asked.query, headers=headers, body=asked.body)

    async def right(self, operation: Operation, owner: Owner, caller: Caller | None = None) -> Asked:
        """A request with new things of an owner, of which nothing would be refused to whoever may send it."""
        ids = {name: self._id(name, owner, caller) for name in operation.parameters}
        path = operation.path.format(**ids)
        headers = {}
        if "428" in operation.described.get("responses", {}):
            seen = await self.send(Asked("GET", path), self.caller("admin", operation))
            headers["If-Match"] = seen.headers["etag"]
        return Asked(
            operation.method, path, self._query(operation, owner), headers, self._body(operation, owner, caller)
        )

    def _id(self, kind: str, owner: Owner, caller: Caller | None) -> str:
        if kind == "token" and caller and caller.person:
            return str(self.things.token("person", [], person=caller.person.id)[0])
        return self.things.made(kind, owner)

    def _query(self, operation: Operation, owner: Owner) -> dict[str, object]:
        return {
            name: QUERIES[name](self.things, owner) if name in QUERIES else schema["enum"][0]
            for name, schema in operation.query(required=True).items()
        } | ({"name": "package-1"} if operation.path.endswith("/packages/places") else {})

    def _body(self, operation: Operation, owner: Owner, caller: Caller | None) -> Any:
        if (kind := operation.takes_json) is None:
            content = operation.described.get("requestBody", {}).get("content", {}).get("application/json")
            return content and content["example"]
        person = (caller and caller.person) or self.things.person("viewer", owner)
        return example(kind) | BODIES.get(kind, lambda *_: {})(self, owner, person)


QUERIES: dict[str, Any] = {
    "cron": lambda *_: "30 2 * * *",
    "document": lambda things, owner: things.made("document", owner),
}
"""Parameters that a request must have."""


def _named(stage: Stage, owner: Owner, _: Person) -> dict[str, object]:
    return {"name": stage.things.name()}


def _belonging(stage: Stage, owner: Owner, _: Person) -> dict[str, object]:
    return {"teams": [str(owner or OURS)]}


def _factor(stage: Stage, _: Owner, person: Person) -> dict[str, object]:
    begun = second_factor.begin(stage.vault, person.id, person.name, NOW)
    return {"ticket": begun.ticket, "code": pyotp.TOTP(begun.secret).at(NOW)}


BODIES: dict[str, Any] = {
    "ChangedProvider": lambda stage, *_: {"issuer": f"https://{stage.things.name()}.example"},
    "Code": lambda *_: {"code": pyotp.TOTP(TOTP).at(NOW)},
    "Credentials": lambda stage, owner, _: {"name": stage.things.person("viewer", owner).name, "password": PASSWORD},
    "Link": lambda stage, owner, _: {"link": stage.things.link(stage.things.person("viewer", owner))},
    "NewAcceptance": lambda *_: {"until": "2026-12-24"},
    "NewIdentity": lambda stage, *_: {"provider": stage.things.made("provider", None)},
    "NewPassword": lambda *_: {"current": PASSWORD},
    "NewProvider": lambda *given: _named(*given) | {"issuer": f"https://{given[0].things.name()}.example"},
    "NewSchedule": lambda stage, owner, _: {
        "name": stage.things.name(),
        "source": stage.things.made("source", owner),
    },
    "NewSource": _named,
    "NewTeam": _named,
    "NewUser": lambda *given: _named(*given) | _belonging(*given),
    "OwnCode": lambda *_: {"code": pyotp.TOTP(TOTP).at(NOW)},
    "OwnPassword": lambda *_: {"password": PASSWORD},
    "SecondFactorCode": _factor,
    "UserRights": _belonging,
}
"""What in an example must be other than it stands there, because it names something. Others are sent as they stand."""

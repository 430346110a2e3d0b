"""`rightshift user`: people of a console, as the owner of its home sees them. One's own sign-in: `login.py`."""

import argparse
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.console.auth.break_glass import Secret
    from rightshift.console.store.identities import Person
    from rightshift.console.store.pool import Connection

ABOUT = """\
list    who there is
create  somebody new, who sees everything: prints a one-time link for the first sign-in
reset   a one-time link for somebody who can't sign in any more, the last administrator too

It works on the database itself, for whoever owns the console's home on its own machine, and needs no password. That is
asked for by --local, and each change is written into the audit log. A reset takes password, authenticator, sessions and
tokens away at once, and a block; with --role it gives a role, too."""

ROLES = ("viewer", "operator", "admin")


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("action", choices=("list", "create", "reset"), help="what to do")
    add("name", nargs="?", default="", metavar="NAME", help="of the person")
    add("--role", choices=ROLES, help="create: what they may, by default viewer; reset: what they may from now on")
    add("--local", action="store_true", required=True, help="on the console's own machine, as the owner of its home")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    if bool(arguments.name) != (arguments.action != "list"):
        raise UsageError(f"`user {arguments.action}` takes {'no' if arguments.name else 'a'} NAME", do="See --help")
    if arguments.action == "list":
        return _list(arguments, streams)
    from rightshift import config
    from rightshift.cli.console import own_machine

    def work(connection: "Connection", by: str, now: datetime) -> "Awaitable[Secret]":
        from rightshift.console.auth import break_glass

        if arguments.action == "create":
            return break_glass.invite(connection, arguments.name, arguments.role or "viewer", by=by, now=now)
        return break_glass.reset(connection, arguments.name, by=by, now=now, role=arguments.role)

    made = own_machine.done(config.of_process(), work)
    until = made.expires.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if arguments.json:
        streams.json({"name": arguments.name, "link": made.secret, "expires": made.expires.isoformat()})
        return 0
    streams.line(f"rightshift login URL --link {made.secret}")
    streams.note(f"This signs in once, until {until}, and asks for a password")
    return 0


def _list(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift import config
    from rightshift.cli.console import lists, own_machine

    def work(connection: "Connection", _by: str, _now: datetime) -> "Awaitable[list[Person]]":
        from rightshift.console.auth import break_glass

        return break_glass.people(connection)

    found = own_machine.done(config.of_process(), work)
    if arguments.json:
        streams.json({"items": [_said(one) for one in found]})
        return 0
    rows = [
        (one.name, one.role, "everything" if one.everything else "teams", _second(one), _minute(one.seen), _state(one))
        for one in found
    ]
    lists.table(("NAME", "ROLE", "SEES", "SECOND FACTOR", "SEEN", "STATE"), rows, streams)
    return 0


def _said(one: "Person") -> dict[str, object]:
    """What may be seen of somebody."""
    return {
        "id": str(one.id),
        "name": one.name,
        "email": one.email,
        "role": one.role,
        "everything": one.everything,
        "code": one.totp is not None,
        "disabled": one.disabled,
        "created": one.created.isoformat(),
        "seen": one.seen and one.seen.isoformat(),
    }


def _second(one: "Person") -> str:
    return "yes" if one.totp is not None else ""


def _minute(when: datetime | None) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if when else "never"


def _state(one: "Person") -> str:
    return "blocked" if one.disabled else ""


COMMAND = Command(
    title="list, invite or reset people on the console's own machine",
    about=ABOUT,
    examples=(
        ("user reset admin --local", "a link for an administrator who lost password or authenticator"),
        ("user create ann --role operator --local", "a link for somebody new"),
        ("user list --local", "who there is"),
    ),
    arguments=_arguments,
    run=_run,
)

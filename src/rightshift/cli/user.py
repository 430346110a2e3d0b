"""`rightshift user`: people of a console: listed, invited, changed, let in again, removed. Signing in: `login.py`."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import User, UserLink
    from rightshift.console.auth.break_glass import Secret
    from rightshift.console.store.pool import Connection

ABOUT = """\
list    who there is
create  somebody new: prints a one-time link for the first sign-in
change  what somebody may do and see; what is not given stays as it is
reset   a one-time link for somebody who can't sign in any more; takes password, authenticator, sessions and tokens away
remove  somebody with sessions and tokens

No token may change people, so all but `list` ask for your password, whoever is signed in.

With --local, `list`, `create` and `reset` work on the database itself, for whoever owns the console's home on its own
machine. That needs no password, lets the last administrator in again, too, and is written into the audit log."""

ROLES = ("viewer", "operator", "admin")
ACTIONS = ("list", "create", "change", "reset", "remove")


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("action", choices=ACTIONS, help="what to do")
    add("name", nargs="?", default="", metavar="NAME", help="of the person")
    add("--role", choices=ROLES, help="what they may; a new one is a viewer")
    add("--team", action="append", default=[], metavar="ID", help="they see what is this team's")
    add("--everything", action="store_true", help="they see everything")
    add("--email", metavar="ADDRESS", help="create, change: where they get mail")
    add("--block", action="store_true", help="change: they can't sign in")
    add("--unblock", action="store_true", help="change: they can again")
    add("--local", action="store_true", help="on the console's own machine, as the owner of its home")
    opened.declare(parser)
    opened.declare_person(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    if bool(arguments.name) != (arguments.action != "list"):
        raise UsageError(f"`user {arguments.action}` takes {'no' if arguments.name else 'a'} NAME", do="See --help")
    if (arguments.everything and arguments.team) or (arguments.block and arguments.unblock):
        raise UsageError("Two of these options say the opposite of each other", do="Give one of them")
    if arguments.local:
        return _locally(arguments, streams)
    if arguments.action == "list":
        with opened.opened(arguments, streams.environ) as console:
            return _list(console, arguments, streams)
    from rightshift.cli.console import signin

    act = {"create": _create, "change": _change, "reset": _reset, "remove": _remove}[arguments.action]
    with opened.anonymous(arguments, streams.environ) as console:
        with signin.session(console, arguments, streams) as signed:
            return act(signed, arguments, streams)


def _list(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import lists
    from rightshift.cli.console.types import User

    columns: Sequence[tuple[str, Callable[[User], str]]] = (
        ("NAME", lambda one: one.name),
        ("ROLE", lambda one: one.role),
        ("SEES", lambda one: "everything" if one.everything else f"{len(one.teams)} teams"),
        ("SECOND FACTOR", lambda one: "yes" if one.second_factor else ""),
        ("PROVIDER", lambda one: "yes" if one.provider else ""),
        ("SEEN", lambda one: lists.minute(one.seen) or "never"),
        ("STATE", lambda one: "blocked" if one.disabled else ""),
    )
    lists.show(console.pages("/users"), User, columns, streams, as_json=arguments.json)
    return 0


def _create(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import NewUser, UserLink

    if not arguments.everything and not arguments.team:
        raise UsageError("Nobody said what they see", do="Give --everything, or --team for each team")
    new = NewUser(
        name=arguments.name,
        role=arguments.role or "viewer",
        everything=arguments.everything,
        teams=tuple(arguments.team),
        email=arguments.email or "",
    )
    return _link(console.post("/users", new, UserLink), console.url, arguments, streams)


def _change(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import User, UserRights

    def wanted(one: User) -> UserRights:
        return UserRights(
            role=arguments.role or one.role,
            everything=arguments.everything or (one.everything and not arguments.team),
            teams=tuple(arguments.team) or (() if arguments.everything else one.teams),
            email=one.email if arguments.email is None else arguments.email,
            disabled=arguments.block or (one.disabled and not arguments.unblock),
        )

    path = client.path("users", _named(console, arguments.name).id)
    found = client.decoded(console.change("PUT", path, User, wanted), User)
    return _told(found, arguments, streams, f"{_shown(found.name)} is changed, and signed out")


def _reset(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import UserLink

    found = _named(console, arguments.name)
    made = console.post(client.path("users", found.id, "reset"), None, UserLink)
    return _link(made, console.url, arguments, streams)


def _remove(console: "Console", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client
    from rightshift.cli.console.types import User

    found = _named(console, arguments.name)
    console.change("DELETE", client.path("users", found.id), User, lambda _: None)
    return _told(found, arguments, streams, f"{_shown(found.name)} is removed")


def _named(console: "Console", name: str) -> "User":
    """Without regard to case. Raises: UsageError when there is nobody of that name."""
    from rightshift.cli.console.types import User

    for one in console.each("/users", User):
        if one.name.lower() == name.lower():
            return one
    raise UsageError(f"There is nobody called {name!a}", do="See `rightshift user list`")


def _link(made: "UserLink", url: str, arguments: argparse.Namespace, streams: Streams) -> int:
    return _linked(made.link, made.expires, url, arguments, streams)


def _linked(link: str, expires: str, url: str, arguments: argparse.Namespace, streams: Streams) -> int:
    """Shows a one-time link, this once."""
    if arguments.json:
        streams.json({"name": arguments.name, "link": link, "expires": expires})
        return 0
    streams.line(f"rightshift login {url} --link {link}")
    streams.note(f"This signs in once, until {expires[:16].replace('T', ' ')} UTC, and asks for a password")
    return 0


def _told(one: "User", arguments: argparse.Namespace, streams: Streams, text: str) -> int:
    if arguments.json:
        streams.json(one)
    else:
        streams.line(text)
    return 0


def _shown(text: str) -> str:
    from rightshift import escape

    return escape.line(text, 200)


def _locally(arguments: argparse.Namespace, streams: Streams) -> int:
    """Break-glass. Raises: UsageError for what is not done that way."""
    from rightshift import config
    from rightshift.cli.console import own_machine

    if arguments.action not in ("list", "create", "reset") or arguments.team or arguments.email:
        raise UsageError(
            "--local lists, invites and resets, and who is invited sees everything", do="Sign in for anything else"
        )
    if arguments.action == "list":
        return _listed_locally(arguments, streams)

    def work(connection: "Connection", by: str, now: datetime) -> "Awaitable[Secret]":
        from rightshift.console.auth import break_glass

        if arguments.action == "create":
            return break_glass.invite(connection, arguments.name, arguments.role or "viewer", by=by, now=now)
        return break_glass.reset(connection, arguments.name, by=by, now=now, role=arguments.role)

    made = own_machine.done(config.of_process(), work)
    return _linked(made.secret, made.expires.astimezone(UTC).isoformat(), "URL", arguments, streams)


def _listed_locally(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift import config
    from rightshift.cli.console import lists, own_machine

    async def work(connection: "Connection", _by: str, _now: datetime) -> list[tuple[str, str, str, str]]:
        from rightshift.console.auth import break_glass

        return [
            (one.name, one.role, one.seen.isoformat()[:16] if one.seen else "never", "blocked" if one.disabled else "")
            for one in await break_glass.people(connection)
        ]

    rows = own_machine.done(config.of_process(), work)
    if arguments.json:
        streams.json({"items": [dict(zip(("name", "role", "seen", "state"), row, strict=True)) for row in rows]})
    else:
        lists.table(("NAME", "ROLE", "SEEN", "STATE"), rows, streams)
    return 0


COMMAND = Command(
    title="list, invite, change or remove people of a console",
    about=ABOUT,
    examples=(
        ("user reset admin --local", "a link for an administrator who lost password or authenticator"),
        ("user create ann --role operator --everything", "a link for somebody new"),
        ("user change ann --role viewer --team 3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10", "sees less from now on"),
        ("user list", "who there is"),
    ),
    arguments=_arguments,
    run=_run,
)

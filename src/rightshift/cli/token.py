"""`rightshift token`: tokens that programs show to a console: made, listed, revoked. One's own sign-in: `login.py`."""

import argparse
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.console import opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

    from msgspec import Raw

    from rightshift.cli.console.types import NewToken, Token, TokenMade
    from rightshift.console.auth.break_glass import Secret
    from rightshift.console.store.pool import Connection

ABOUT = """\
create  makes one and shows it, this once; with --output it goes into a file that only you can read
list    those there are, without their secrets
revoke  ends one at once, by its id

A token may do no more than its maker, and can neither make tokens nor people: so these ask for your password, whoever
is signed in. A person's token may by default what the person may; a service's names what it needs, as scans:write for
`rightshift scan --console`; an enrolment token lets sensors enrol.

With --local it works on the database itself, for whoever owns the console's home on its own machine. That needs no
password, makes tokens of services, and is written into the audit log."""

DAYS = 90
KINDS = ("person", "service", "enrolment")


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("action", choices=("create", "list", "revoke"), help="what to do")
    add("name", nargs="?", default="", metavar="NAME", help="create: what it is called; revoke: its id")
    add("--kind", choices=KINDS, help="create: whose it is; by default a person's own, with --local a service's")
    add("--permission", action="append", default=[], metavar="P", help="create: what it may: findings:read")
    add("--team", action="append", default=[], metavar="ID", help="create: it sees only what is this team's")
    add("--days", type=int, default=DAYS, metavar="N", help=f"create: how long it holds; {DAYS} by default")
    add("--uses", type=int, metavar="N", help="create: how many sensors may enrol with it")
    add("-o", "--output", type=Path, metavar="PATH", help="create: the file for it")
    add("--local", action="store_true", help="on the console's own machine, as the owner of its home")
    opened.declare(parser)
    opened.declare_person(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    if bool(arguments.name) != (arguments.action in ("create", "revoke")):
        raise UsageError(f"`token {arguments.action}` takes {'no' if arguments.name else 'a'} NAME", do="See --help")
    match arguments.action:
        case "create":
            return _create(arguments, streams)
        case "revoke":
            return _revoke(arguments, streams)
    return _list(arguments, streams)


def _create(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli import outputs
    from rightshift.cli.console import credentials, signin

    if arguments.output:
        outputs.possible(arguments.output)
    if arguments.local:
        local = _made_locally(arguments)
        id, secret, expires = str(local.id), local.secret, local.expires.isoformat()
    else:
        with opened.anonymous(arguments, streams.environ) as console:
            with signin.session(console, arguments, streams) as signed:
                made = signed.post("/tokens", _asked(arguments), _made())
        id, secret, expires = made.id, made.secret, made.expires
    if arguments.output:
        credentials.put(arguments.output, secret.encode() + b"\n")
    if arguments.json:
        where = {"path": str(arguments.output)} if arguments.output else {"secret": secret}
        streams.json({"id": id, "expires": expires, **where})
    elif arguments.output:
        streams.line(f"{escape.terminal(str(arguments.output))} holds it until {expires[:10]}; its id is {id}")
    else:
        streams.line(secret)
        streams.note(f"It is shown this once, and holds until {expires[:10]}; its id is {id}")
    return 0


def _made() -> "type[TokenMade]":
    from rightshift.cli.console.types import TokenMade

    return TokenMade


def _asked(arguments: argparse.Namespace) -> "NewToken":
    from rightshift.cli.console.types import NewToken

    return NewToken(
        name=arguments.name,
        kind=arguments.kind or "person",
        days=arguments.days,
        permissions=tuple(arguments.permission),
        teams=tuple(arguments.team) or None,
        uses=arguments.uses,
    )


def _made_locally(arguments: argparse.Namespace) -> "Secret":
    from rightshift import config
    from rightshift.cli.console import own_machine

    if arguments.kind not in (None, "service") or arguments.team or arguments.uses:
        raise UsageError("--local makes tokens of services that see everything", do="Leave --kind, --team, --uses out")

    def work(connection: "Connection", by: str, now: datetime) -> "Awaitable[Secret]":
        from rightshift.console.auth import break_glass
        from rightshift.console.auth.permission import Permission

        try:
            wanted = frozenset(map(Permission, arguments.permission))
        except ValueError as error:
            raise UsageError(f"{error}", do="Known are " + ", ".join(sorted(Permission))) from error
        return break_glass.token(connection, arguments.name, wanted, arguments.days, by=by, now=now)

    return own_machine.done(config.of_process(), work)


def _revoke(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client, signin

    id = _id(arguments.name)
    if arguments.local:
        from rightshift import config
        from rightshift.cli.console import own_machine

        def work(connection: "Connection", by: str, now: datetime) -> "Awaitable[None]":
            from rightshift.console.auth import break_glass

            return break_glass.revoke(connection, id, by=by, now=now)

        own_machine.done(config.of_process(), work)
    else:
        with opened.anonymous(arguments, streams.environ) as console:
            with signin.session(console, arguments, streams) as signed:
                signed.send("DELETE", client.path("tokens", str(id)))
    if arguments.json:
        streams.json({"id": str(id), "revoked": True})
    else:
        streams.line(f"{id} holds no longer")
    return 0


def _id(text: str) -> "UUID":
    from uuid import UUID

    try:
        return UUID(text)
    except ValueError as error:
        raise UsageError(f"{text!a} is no id of a token", do="See `rightshift token list`") from error


def _list(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import lists, signin
    from rightshift.cli.console.types import Token

    if arguments.local:
        items = _listed_locally()
    else:
        with opened.anonymous(arguments, streams.environ) as console:
            with signin.session(console, arguments, streams) as signed:
                items = list(signed.pages("/tokens"))
    lists.show(items, Token, _columns(), streams, as_json=arguments.json)
    return 0


def _listed_locally() -> "list[Raw]":
    """As the API gives them."""
    import msgspec

    from rightshift import config
    from rightshift.cli.console import own_machine

    async def work(connection: "Connection", _by: str, _now: datetime) -> "list[Raw]":
        from rightshift.console.auth import break_glass

        return [msgspec.Raw(msgspec.json.encode(one)) for one in await break_glass.tokens(connection)]

    return own_machine.done(config.of_process(), work)


def _columns() -> "Sequence[tuple[str, Callable[[Token], str]]]":
    from rightshift.cli.console import lists

    return (
        ("ID", lambda one: one.id),
        ("KIND", lambda one: one.kind),
        ("NAME", lambda one: one.name),
        ("ENDS WITH", lambda one: one.hint),
        ("BY", lambda one: one.created_by),
        ("UNTIL", lambda one: one.expires[:10]),
        ("USED", lambda one: lists.minute(one.used) or "never"),
        ("REVOKED", lambda one: lists.minute(one.revoked)),
        ("MAY", lambda one: ", ".join(one.permissions)),
    )


COMMAND = Command(
    title="make, list or revoke tokens that programs show to a console",
    about=ABOUT,
    examples=(
        ("token create laptop", "one of your own"),
        ("token create ci --kind service --permission scans:write -o token", "for a pipeline that sends its scans"),
        ("token create ci --local --permission scans:write", "the same, on the console's own machine"),
        ("token list", "which there are"),
        ("token revoke 3f0f6a1d-e54b-4b5c-9a2c-2f0c6b8f7a10", "end one"),
    ),
    arguments=_arguments,
    run=_run,
)

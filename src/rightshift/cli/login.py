"""`rightshift login`: proves to a console who somebody is, and keeps a token for this machine. Its end: `logout.py`."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.credentials import Credential

ABOUT = """\
Asks for name and password, and for a code where there is one, and makes a token for this machine. Only the token is
kept, in `consoles.json` of your configuration folder, which nobody else can read; the password never is.

With --link it is the first sign-in of an invited person or of the first administrator, and asks for a new password.
With --token-file it keeps a token that was made elsewhere.

Of the environment, RIGHTSHIFT_CONSOLE and RIGHTSHIFT_TOKEN stand before what is kept."""

DAYS = 90


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("url", metavar="URL", help="of the console: https://HOST:PORT")
    opened.declare_person(parser)
    add("--link", default="", metavar="TOKEN", help="the one-time link that you were given; - is standard input")
    add("--token-file", type=Path, metavar="PATH", help="its first line is a token to keep; - is standard input")
    add("--days", type=int, default=DAYS, metavar="N", help=f"how long the token holds; {DAYS} by default")
    add("--ca-file", type=Path, metavar="PATH", help="trust these certificates besides the system's")
    add("--pin", default="", metavar="PIN", help="trust the certificate whose key has it, as the console prints it")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client, credentials

    if arguments.ca_file and arguments.pin:
        raise UsageError("--ca-file and --pin both say what is trusted", do="Give one of them")
    if arguments.link and arguments.token_file:
        raise UsageError("--link and --token-file are two ways to sign in", do="Give one of them")
    url = client.address(arguments.url)
    kept = credentials.read(streams.environ)
    ca_file = _pinned(url, arguments.pin, streams) if arguments.pin else arguments.ca_file
    with opened.connected(opened.Place(url=url), ca_file, streams.environ) as console:
        found = _given(console, arguments) if arguments.token_file else _made(console, arguments, streams)
    path = credentials.write(kept.having(_trusting(found, ca_file)), streams.environ)
    if arguments.json:
        streams.json({"url": url, "name": found.name, "expires": found.expires or None, "kept_in": str(path)})
        return 0
    until = f" until {found.expires[:10]}" if found.expires else ""
    streams.line(f"signed in to {url} {_as(found.name)}{until}")
    return 0


def _given(console: "Console", arguments: argparse.Namespace) -> "Credential":
    """A token that was made elsewhere, once the console said that it holds. Raises: ConsoleError."""
    from rightshift.cli.console import typed
    from rightshift.cli.console.client import ConsoleError
    from rightshift.cli.console.credentials import Credential
    from rightshift.cli.console.types import Me

    token = opened.checked(typed.line(arguments.token_file), "--token-file")
    try:
        name = console.asking_as({"Authorization": f"Bearer {token}"}).get("/me", Me).name
    except ConsoleError as error:
        if error.status != 403:  # it holds, for less than that
            raise
        name = ""
    return Credential(url=console.url, token=token, name=name)


def _made(console: "Console", arguments: argparse.Namespace, streams: Streams) -> "Credential":
    """A token of one's own for this machine, made in a session that ends with it. Raises: ConsoleError."""
    from rightshift.cli.console import signin, typed
    from rightshift.cli.console.credentials import Credential
    from rightshift.cli.console.types import Me, NewToken, TokenMade

    link = typed.line(Path("-")) if arguments.link == "-" else arguments.link
    with signin.session(console, arguments, streams, link) as signed:
        me = signed.get("/me", Me)
        if me.must_enrol:
            do = "Set one up first: POST /api/v1/account/second-factor"
            raise UsageError("This console requires a second factor, and you have none yet", do=do)
        made = signed.post("/tokens", NewToken(name=_machine(), days=arguments.days), TokenMade)
    return Credential(url=console.url, token=made.secret, name=me.name, token_id=made.id, expires=made.expires)


def _pinned(url: str, text: str, streams: Streams) -> Path:
    """The file of the certificate that has the pin, kept beside the tokens. Raises: EgressError; UsageError."""
    from rightshift.cli.console import credentials
    from rightshift.egress import pinned
    from rightshift.egress.address import origin
    from rightshift.egress.policy import Policy

    wanted = pinned.pin(text)
    scheme, host, port = origin(url)
    if scheme != "https":
        raise UsageError(f"{url} has no certificate that could have a pin", do="Leave --pin out, or write https")
    pem = pinned.certificate(host, port, wanted, Policy(hosts=frozenset({host})))
    path = credentials.folder(streams.environ) / f"certificate-{wanted.digest.hex()[:32]}.pem"
    credentials.put(path, pem)
    return path


def _trusting(found: "Credential", ca_file: Path | None) -> "Credential":
    from msgspec.structs import replace

    return replace(found, ca_file=str(ca_file.absolute()) if ca_file else "")


def _machine() -> str:
    """What the token is called, so that its owner knows it again."""
    import socket

    return f"command line on {socket.gethostname()}"[:100]


def _as(name: str) -> str:
    from rightshift import escape

    return f"as {escape.line(name, 100)}" if name else "with a token"


COMMAND = Command(
    title="sign in to a console, and keep a token for this machine",
    about=ABOUT,
    examples=(
        ("login https://console.example", "asks for name and password"),
        ("login http://127.0.0.1:8420 --link rs_l_…", "the first sign-in, with the link that `rightshift up` printed"),
        ("login https://10.0.0.5:8420 --pin sha256:…", "a console with a certificate of its own"),
        ("login https://console.example --token-file token", "with a token that you were given"),
    ),
    arguments=_arguments,
    run=_run,
)

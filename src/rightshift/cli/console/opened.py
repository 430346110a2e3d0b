"""The console that a command means, with the proof of who asks: an option, the environment, or the last sign-in."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift.cli.command import Parser
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.egress.client import Limits

LIMIT_CHARS = 4_096
"""Of a token in the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A console and how to reach it. `token` is empty when nobody signed in to it."""

    url: str
    token: str = field(default="", repr=False)
    ca_file: Path | None = None


def declare(parser: Parser) -> None:
    """The options of every command that asks a console."""
    parser.add_argument("--console", default="", metavar="URL", help="which one; by default the last sign-in's")
    parser.add_argument("--ca-file", type=Path, metavar="PATH", help="trust these certificates besides the system's")


def declare_person(parser: Parser) -> None:
    """The options of every command that asks a console for what no token may do: `signin.py`."""
    add = parser.add_argument
    add("--user", default="", metavar="NAME", help="who you are; else it is asked for")
    add("--password-file", type=Path, metavar="PATH", help="its first line is the password; - is standard input")
    add("--code", default="", metavar="CODE", help="of your authenticator, or a recovery code; else it is asked for")


def opened(
    arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ, limits: "Limits | None" = None
) -> "Console":
    """
    The console that `--console`, RIGHTSHIFT_CONSOLE or the last sign-in names, asked as whom it knows.

    Raises: UsageError when there is none, or nobody signed in; CredentialsError.
    """
    place = chosen(arguments.console, environ)
    if not place.token:
        do = f"Run `rightshift login {place.url}`, or set RIGHTSHIFT_TOKEN"
        raise UsageError(f"Nobody is signed in to {place.url}", do=do)
    console = connected(place, arguments.ca_file, environ, limits)
    return console.asking_as({"Authorization": f"Bearer {place.token}"})


def anonymous(arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> "Console":
    """The same console asked as nobody yet, for what only a session may do. Raises: as `opened`."""
    return connected(chosen(arguments.console, environ), arguments.ca_file, environ)


def connected(
    place: Place, ca_file: Path | None, environ: Mapping[str, str], limits: "Limits | None" = None
) -> "Console":
    """A console asked as nobody, within these limits or the usual ones. Raises: UsageError; EgressError."""
    from rightshift import config
    from rightshift.cli.console import client
    from rightshift.egress import proxies

    certificates = ca_file or place.ca_file or config.read(environ, uid=os.geteuid()).ca_file
    through = proxies.from_environment(environ)
    return client.connect(place.url, certificates, through, limits or client.LIMITS)


def chosen(named: str, environ: Mapping[str, str]) -> Place:
    """
    Where to ask, and with which token.

    RIGHTSHIFT_TOKEN is for the console of RIGHTSHIFT_CONSOLE if that is set: it is never sent to another one.
    Raises: UsageError when no console is known; CredentialsError.
    """
    from rightshift.cli.console import client, credentials

    configured = environ.get("RIGHTSHIFT_CONSOLE", "").strip()
    of_environment = client.address(configured) if configured else ""
    url = client.address(named) if named else of_environment
    token = environ.get("RIGHTSHIFT_TOKEN", "").strip()
    if token and url and url == (of_environment or url):
        return Place(url=url, token=checked(token, "RIGHTSHIFT_TOKEN"))
    kept = credentials.read(environ)
    url = url or kept.current
    if not url:
        raise UsageError("No console is known", do="Run `rightshift login URL`, or name one with --console")
    found = kept.of(url)
    if token and not of_environment:
        return Place(url=url, token=checked(token, "RIGHTSHIFT_TOKEN"), ca_file=file(found.ca_file if found else ""))
    return Place(url=url, token=found.token, ca_file=file(found.ca_file)) if found else Place(url=url)


def checked(token: str, where: str) -> str:
    """A token as it may stand in a header. Raises: UsageError, which does not show it."""
    if not token or len(token) > LIMIT_CHARS or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"What {where} holds is no token", do="Make one with `rightshift token create`")
    return token


def file(text: str) -> Path | None:
    """A path that was kept as text; None where there is none."""
    return Path(text) if text else None

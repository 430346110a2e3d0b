"""A session of a person, by password and code or by a one-time link, for what no token may do. It ends after use."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from rightshift.cli.console import credentials, typed
from rightshift.cli.console.client import Console, ConsoleError, decoded
from rightshift.cli.console.types import Code, Credentials, Link, Session
from rightshift.cli.streams import Streams
from rightshift.errors import EgressError

if TYPE_CHECKING:
    from rightshift.egress.message import Answer

TRIES = 3


CSRF = "X-CSRF-Token"


@contextmanager
def session(console: Console, arguments: argparse.Namespace, streams: Streams, link: str = "") -> Iterator[Console]:
    """
    The console asked as a person; `link` sets a password first. Signed out at the end, whatever happens.

    Raises: ConsoleError; EgressError; UsageError when there is nobody to ask.
    """
    answer = _by_link(console, arguments, streams, link) if link else _by_password(console, arguments, streams)
    signed = _signed(console, answer)
    if not decoded(answer, Session).complete:
        signed = _by_code(signed, arguments, streams)
    try:
        yield signed
    finally:
        with suppress(ConsoleError, EgressError):
            signed.send("DELETE", "/session")


def _by_password(console: Console, arguments: argparse.Namespace, streams: Streams) -> "Answer":
    kept = credentials.read(streams.environ).of(console.url)
    who = arguments.user or (kept.name if kept else "") or typed.plain("Name", streams, "--user NAME")
    for left in reversed(range(TRIES)):
        password = typed.secret("Password", arguments.password_file, "--password-file")
        try:
            return console.send("POST", "/session", body=Credentials(name=who, password=password))
        except ConsoleError as error:
            if error.status != 401 or arguments.password_file or not left:
                raise
            streams.note(error.what)
    raise AssertionError("the last try returns or raises")


def _by_link(console: Console, arguments: argparse.Namespace, streams: Streams, link: str) -> "Answer":
    for left in reversed(range(TRIES)):
        password = typed.new_password(arguments.password_file, streams)
        try:
            return console.send("POST", "/session/link", body=Link(link=link, password=password))
        except ConsoleError as error:
            if error.status not in (400, 422) or arguments.password_file or not left:
                raise
            streams.note(str(error))
    raise AssertionError("the last try returns or raises")


def _by_code(console: Console, arguments: argparse.Namespace, streams: Streams) -> Console:
    for left in reversed(range(TRIES)):
        code = arguments.code or typed.plain("Code", streams, "--code CODE")
        try:
            return _signed(console, console.send("POST", "/session/code", body=Code(code=code)))
        except ConsoleError as error:
            if error.status != 401 or arguments.code or not left:
                raise
            streams.note(error.what)
    raise AssertionError("the last try returns or raises")


def _signed(console: Console, answer: "Answer") -> Console:
    """
    The console with what the answer's cookie and body prove.

    Source: RFC 6265, section 5.2: the pair stands before the first semicolon.
    """
    pairs = [value.partition(";")[0].strip() for value in answer.all("set-cookie")]
    return console.asking_as({"Cookie": "; ".join(pairs), CSRF: decoded(answer, Session).csrf})

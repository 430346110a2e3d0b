"""`rightshift logout`: forgets a console's token, and has the console forget it too. Signing in: `login.py`."""

import argparse
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import opened
from rightshift.cli.streams import Streams
from rightshift.errors import RightshiftError, UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.credentials import Credential


def _arguments(parser: Parser) -> None:
    parser.add_argument("url", nargs="?", default="", metavar="URL", help="of the console; by default the current one")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console import client, credentials

    kept = credentials.read(streams.environ)
    url = client.address(arguments.url) if arguments.url else kept.current
    found = kept.of(url)
    if found is None:
        raise UsageError(f"Nobody is signed in to {url or 'a console'}", do="Name another one")
    credentials.write(kept.without(url), streams.environ)
    revoked = bool(found.token_id) and _revoked(found, streams)
    if arguments.json:
        streams.json({"url": url, "revoked": revoked})
    else:
        streams.line(f"signed out of {url}")
    return 0


def _revoked(found: "Credential", streams: Streams) -> bool:
    """Whether the console forgot the token that the sign-in made; one that was made elsewhere is not ours to end."""
    try:
        place = opened.Place(url=found.url, ca_file=opened.file(found.ca_file))
        with opened.connected(place, None, streams.environ) as console:
            console.asking_as({"Authorization": f"Bearer {found.token}"}).send("DELETE", "/session")
    except RightshiftError as error:
        streams.note(f"The console was not told, so the token holds until {found.expires[:10]}: {error.what}")
        return False
    return True


COMMAND = Command(
    title="forget a console's token",
    examples=(("logout", "of the console that is asked by default"), ("logout https://console.example", "of this one")),
    arguments=_arguments,
    run=_run,
)

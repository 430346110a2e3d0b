"""`rightshift help`: the list of commands, the page of one, and pages on what commands share."""

import argparse

from rightshift.cli import command
from rightshift.cli.command import EXIT_CODES, Command, Parser
from rightshift.cli.streams import Streams

ENVIRONMENT = """\
environment:
  RIGHTSHIFT_HOME      the folder of everything that is kept
  RIGHTSHIFT_FEED_URL  mirrors of the OSV bucket, in order; RIGHTSHIFT_KEV_URL and RIGHTSHIFT_EPSS_URL for the others
  RIGHTSHIFT_FEED_KEY  the public key that signs bundles which may be imported
  RIGHTSHIFT_CA_FILE   certificates that are trusted beside the system's
  RIGHTSHIFT_OFFLINE   1: nothing is fetched
  RIGHTSHIFT_CONSOLE   the console that commands ask, and RIGHTSHIFT_TOKEN a token for it
  RIGHTSHIFT_DATABASE_URL  the console: a PostgreSQL server in place of the embedded one
  RIGHTSHIFT_VAULT_KEYS  the console: the file of keys that replicas share, in place of the one in the home
  RIGHTSHIFT_POSTGRES  the console: the folder of the embedded server's programs
  RIGHTSHIFT_HOSTS     the console: names under which it is reached, beside this machine's own
  RIGHTSHIFT_PROXIES   the console: addresses of proxies whose X-Forwarded-For is believed
  RIGHTSHIFT_DEBUG     1: a mistake of this program shows its trace
  NO_COLOR             no colour
"""

TOPICS = ("gates", "ignore-file", "exit-codes", "environment")


def _arguments(parser: Parser) -> None:
    about = "a command, or one of: " + ", ".join(TOPICS)
    parser.add_argument("topic", nargs="?", default="", help=about)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    page = _page(arguments.topic)
    if arguments.json:
        streams.json({"topic": arguments.topic, "text": page, "commands": command.names()})
    else:
        streams.line(page.rstrip())
    return 0


def _page(topic: str) -> str:
    if topic and topic not in TOPICS:
        chosen = command.named(topic)
        return command.parser(topic, chosen).format_help() + "\n" + command.fitted(ENVIRONMENT)
    return command.fitted(_shared(topic))


def _shared(topic: str) -> str:
    """A page that is about no single command."""
    if not topic:
        return _overview()
    if topic == "gates":
        from rightshift.cli import gates

        return gates.HELP
    if topic == "ignore-file":
        from rightshift.cli import suppress

        return suppress.HELP
    if topic == "exit-codes":
        return EXIT_CODES
    return ENVIRONMENT


def _overview() -> str:
    found = command.declared()
    width = max(len(name) for name, _ in found)
    lines = "\n".join(f"  {name.ljust(width)}  {one.title}" for name, one in found)
    return f"""\
rightshift sees what runs, knows what is in it, and says which vulnerability to fix first and why.

usage: rightshift COMMAND [WORDS]

commands:
{lines}

`rightshift help COMMAND` has options and examples; `rightshift help gates` and `help ignore-file` say more of `scan`.

examples:
  rightshift scan .
      what this folder locks and holds, worst first
  rightshift scan alpine:3.19 --fail-on 'kev,severity>=high+fixable'
      an image; exit code 3 for what is exploited, or bad and fixable

{EXIT_CODES}
{ENVIRONMENT}"""


COMMAND = Command(
    title="show what there is, or the page of one command",
    examples=(("help scan", "options and examples of `scan`"), ("help gates", "what --fail-on understands")),
    arguments=_arguments,
    run=_run,
)

"""`rightshift assets`: what a console knows to exist: hosts, workloads, containers, images and what they lie in."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams

if TYPE_CHECKING:
    from rightshift.cli.console.types import Asset, AssetsQuery

ABOUT = """\
By name, with how many findings there are of each band. What is given must all hold; of an option that is given several
times, any of its values. What is gone is left out unless --gone is given."""


def _arguments(parser: Parser) -> None:
    several = {"action": "append", "default": []}
    add = parser.add_argument
    add("--kind", metavar="KIND", help="host, image, container, workload, namespace, …", **several)
    add("--cloud", metavar="NAME", help="where it is", **several)
    add("--region", metavar="NAME", help="where it is", **several)
    add("--cluster", metavar="NAME", help="where it is", **several)
    add("--namespace", metavar="NAME", help="where it is", **several)
    add("--workload", metavar="NAME", help="to which it belongs", **several)
    add("--host", metavar="NAME", help="on which it runs", **several)
    add("--image", metavar="NAME", help="of which it is", **several)
    add("--running", choices=("true", "false", "unknown"), help="whether it runs", **several)
    add("--parent", metavar="ID", help="what lies right in it")
    add("--key", default="", metavar="KEY", help="as its reporter names it; of an image also a digest of its manifest")
    add("--label", default="", metavar="NAME=VALUE", help="that it has")
    add("--text", default="", metavar="TEXT", help="stands in its name")
    add("--gone", action="store_true", help="also what is no more")
    lists.declare(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import Asset

    lists.check(arguments)
    with opened.opened(arguments, streams.environ) as console:
        lists.answer(console, "/assets", _asked(arguments), Asset, _columns(), "No asset", arguments, streams)
    return 0


def _asked(arguments: argparse.Namespace) -> "AssetsQuery":
    from rightshift.cli.console.types import AssetsQuery

    return AssetsQuery(
        kind=tuple(arguments.kind) or None,
        cloud=tuple(arguments.cloud) or None,
        region=tuple(arguments.region) or None,
        cluster=tuple(arguments.cluster) or None,
        namespace=tuple(arguments.namespace) or None,
        workload=tuple(arguments.workload) or None,
        host=tuple(arguments.host) or None,
        image=tuple(arguments.image) or None,
        running=tuple(arguments.running) or None,
        parent=arguments.parent,
        key=arguments.key or None,
        label=arguments.label or None,
        text=arguments.text or None,
        gone=arguments.gone or None,
    )


def _columns() -> "Sequence[tuple[str, Callable[[Asset], str]]]":
    return (
        ("KIND", lambda one: one.kind),
        ("NAME", lambda one: one.name),
        ("NOW", lambda one: _count(one.bands, 0)),
        ("SOON", lambda one: _count(one.bands, 1)),
        ("PLAN", lambda one: _count(one.bands, 2)),
        ("ROUTINE", lambda one: _count(one.bands, 3)),
        ("RUNNING", lambda one: lists.known(one.running)),
        ("CLUSTER", lambda one: one.cluster),
        ("NAMESPACE", lambda one: one.namespace),
        ("HOST", lambda one: one.host),
        ("IMAGE", lambda one: one.image),
        ("SEEN", lambda one: lists.minute(one.last_seen)),
        ("GONE", lambda one: lists.minute(one.gone)),
    )


def _count(bands: Sequence[int], at: int) -> str:
    return f"{bands[at]:,}" if at < len(bands) and bands[at] else ""


COMMAND = Command(
    title="list what a console knows to exist, with how many findings it has",
    about=ABOUT,
    examples=(
        ("assets --kind host", "the hosts"),
        ("assets --cluster eu --namespace shop --limit 0", "all of one namespace"),
        ("assets --kind image --text nginx --json", "for a program"),
        ("assets --format csv -o assets.csv", "a table for a spreadsheet"),
    ),
    arguments=_arguments,
    run=_run,
)

"""`rightshift packages`: where a package is, of all that a console knows. What is wrong with it: `findings.py`."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import PackagesPlacesQuery, PackagesQuery

ABOUT = """\
With NAME, the package's whole name whatever its case, or --purl: the workloads, hosts and images that hold it, each
with its version and where it lies there. Without: the packages that somebody holds, and how many do."""


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("name", nargs="?", default="", metavar="NAME", help="log4j-core, @babel/core, openssl")
    add("--version", default="", metavar="VERSION", help="only this one; with * at its end, how it begins")
    add("--purl", default="", metavar="PURL", help="the whole package URL")
    add("--ecosystem", action="append", default=[], metavar="NAME", help="purl type: npm, deb")
    add("--text", default="", metavar="TEXT", help="without NAME: stands in the name")
    lists.declare(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    lists.check(arguments)
    where = bool(arguments.name or arguments.purl)
    if where and arguments.text:
        raise UsageError("--text is for packages whose name is not known", do="Leave it out, or NAME and --purl")
    with opened.opened(arguments, streams.environ) as console:
        (_where if where else _what)(console, arguments, streams)
    return 0


def _places(arguments: argparse.Namespace) -> "PackagesPlacesQuery":
    from rightshift.cli.console.types import PackagesPlacesQuery

    return PackagesPlacesQuery(
        name=arguments.name or None,
        version=arguments.version or None,
        purl=arguments.purl or None,
        ecosystem=tuple(arguments.ecosystem) or None,
    )


def _packages(arguments: argparse.Namespace) -> "PackagesQuery":
    from rightshift.cli.console.types import PackagesQuery

    return PackagesQuery(
        text=arguments.text or None,
        version=arguments.version or None,
        ecosystem=tuple(arguments.ecosystem) or None,
    )


def _where(console: "Console", arguments: argparse.Namespace, streams: Streams) -> None:
    from rightshift.cli.console.types import Where

    columns: Sequence[tuple[str, Callable[[Where], str]]] = (
        ("PACKAGE", lambda one: one.name),
        ("VERSION", lambda one: one.version),
        ("STATE", lambda one: one.state),
        ("KIND", lambda one: one.unit_kind),
        ("WHERE", lambda one: one.unit_name),
        ("CLUSTER", lambda one: one.cluster),
        ("NAMESPACE", lambda one: one.namespace),
        ("ASSETS", lambda one: f"{one.assets:,}"),
        ("RUNNING", lambda one: lists.known(one.running)),
        ("FILE", lambda one: _first(one.locations)),
    )
    asked = _places(arguments)
    lists.answer(console, "/packages/places", asked, Where, columns, "No package", arguments, streams)


def _what(console: "Console", arguments: argparse.Namespace, streams: Streams) -> None:
    from rightshift.cli.console.types import Package

    columns: Sequence[tuple[str, Callable[[Package], str]]] = (
        ("PACKAGE", lambda one: one.name),
        ("VERSION", lambda one: one.version),
        ("ECOSYSTEM", lambda one: one.ecosystem),
        ("HELD BY", lambda one: f"{one.units:,}"),
        ("HOSTS", lambda one: f"{one.hosts:,}"),
        ("IMAGES", lambda one: f"{one.images:,}"),
        ("ADVISORIES", lambda one: f"{one.advisories:,}"),
    )
    asked = _packages(arguments)
    lists.answer(console, "/packages", asked, Package, columns, "No package", arguments, streams)


def _first(places: Sequence[str]) -> str:
    return "".join(places[:1]) + (f" +{len(places) - 1}" if len(places) > 1 else "")


COMMAND = Command(
    title="find where a package is, of all that a console knows",
    about=ABOUT,
    examples=(
        ("packages log4j-core --version '2.14*'", "who holds it"),
        ("packages --text openssl", "which packages and versions there are"),
        ("packages --purl pkg:npm/left-pad@1.3.0 --json", "for a program"),
    ),
    arguments=_arguments,
    run=_run,
)

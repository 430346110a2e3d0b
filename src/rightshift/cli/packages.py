"""`rightshift packages`: where a package is, of all that a console knows. What is wrong with it: `findings.py`."""

import argparse
import re
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
With NAME, the package's whole name or its last part, or --purl: the workloads, hosts and images that hold it, each with
its version and where it lies there. Without: the packages that somebody holds, and how many do.

Whatever the case, and for PyPI in any spelling. log4j-core is org.apache.logging.log4j:log4j-core too.

  2.14          that version and what it begins: 2.14.1, 2.14-rc1
  =2.14         that alone
  2.14*         all that begin so, 2.140 too
  >=2.14,<2.17  between these, in the order of the ecosystem, with what can't be compared

may stand behind the name, as log4j-core@2.14 or 'log4j-core<2.17', or in --version."""


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("name", nargs="?", default="", metavar="NAME", help="log4j-core, log4j-core@2.14, 'log4j-core<2.17', a purl")
    add("--version", default="", metavar="VERSION", help="only these: 2.14, =2.14, 2.14*, '>=2.14,<2.17'")
    add("--purl", default="", metavar="PURL", help="the whole package URL")
    add("--ecosystem", action="append", default=[], metavar="NAME", help="purl type: npm, deb")
    add("--text", default="", metavar="TEXT", help="without NAME: stands in the name")
    lists.declare(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    lists.check(arguments)
    arguments.name, arguments.version, arguments.purl = _meant(arguments)
    where = bool(arguments.name or arguments.purl)
    if where and arguments.text:
        raise UsageError("--text is for packages whose name is not known", do="Leave it out, or NAME and --purl")
    with opened.opened(arguments, streams.environ) as console:
        (_where if where else _what)(console, arguments, streams)
    return 0


def _meant(arguments: argparse.Namespace) -> tuple[str, str, str]:
    """Name, version and purl of what was given in one word or apart. Raises: UsageError."""
    if arguments.name.startswith("pkg:"):
        if arguments.purl or arguments.version:
            raise UsageError("A package URL says all", do="Leave --purl and --version out")
        return "", "", arguments.name
    name, version = _apart(arguments.name)
    if version and arguments.version:
        raise UsageError("The version stands behind NAME and in --version", do="Give it once")
    return name, version or arguments.version, arguments.purl


def _apart(text: str) -> tuple[str, str]:
    """A name and what stands behind it: @2.14, <2.17; the @ of an npm scope belongs to the name."""
    if found := re.search(r"[<>=]", text):
        return text[: found.start()].strip(), text[found.start() :].strip()
    name, at, version = text.rpartition("@")
    return (name, version) if at and name else (text, "")


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
    count = lists.answer(console, "/packages/places", asked, Where, columns, "No package", arguments, streams)
    if count == 0 and arguments.name:
        streams.note(f"`rightshift packages --text {arguments.name}` looks for it in names as a part")


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
        ("packages log4j-core@2.14", "who holds it"),
        ("packages 'log4j-core<2.17.1'", "who holds an old one"),
        ("packages --text openssl", "which packages and versions there are"),
        ("packages pkg:npm/left-pad@1.3.0 --json", "for a program"),
    ),
    arguments=_arguments,
    run=_run,
)

"""`rightshift scan`: sources, their packages, what is known against them, and whether a gate fails."""

import argparse
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from rightshift.catalog.index import Index
    from rightshift.cli.gates import Condition
    from rightshift.cli.outputs import Output
    from rightshift.cli.suppress import Said
    from rightshift.config import Config
    from rightshift.documents.scan import ScanDocument
    from rightshift.errors import RightshiftError
    from rightshift.report.result import Result
    from rightshift.scan.crew import Crew
    from rightshift.source.options import Options as SourceOptions
    from rightshift.tree.material import Material

ABOUT = """\
SOURCE is a folder, a file (an archive of an image or of files, a jar, a lock file, an SBOM) or the name of an image,
which is looked for in the stores of this machine and then in its registry.

Several sources are scanned one after the other, and one that fails doesn't stop the others; as JSON each is a line.

Packages are matched with the advisories of the feed, worst first. A scan sees files and not what runs: points leave out
what is reached and what is loaded. What could not be read is listed, and the status is then `partial`."""


def _arguments(parser: Parser) -> None:
    from rightshift.source.reference import PREFIXES

    add, several = parser.add_argument, {"action": "append", "default": []}
    said = ", ".join(f"{prefix}:" for prefix in PREFIXES)
    add("sources", nargs="+", metavar="SOURCE", help=f"what to scan; one of these in front says what it is: {said}")
    add("--ecosystems", default="", metavar="LIST", help="read only these: java,python")
    add("--skip", metavar="FOLDER", help="leave it out of a folder or host that is scanned", **several)
    add("--platform", default="", metavar="OS/ARCH", help="which image of several: linux/arm64")
    add("--format", default="", metavar="NAME", help="of standard output; `rightshift formats` lists them")
    add("-o", "--output", metavar="NAME=PATH", help="a report to a file, besides", **several)
    add("--fail-on", metavar="CONDITIONS", help="exit code 3 when they hold; `rightshift help gates`", **several)
    add("--baseline", type=_path, metavar="PATH", help="an earlier report in JSON: gates count what is new", **several)
    add("--require-complete", action="store_true", help="exit code 4 when something could not be read")
    add("--ignore-file", type=_path, metavar="PATH", help="what you decided to leave; `rightshift help ignore-file`")
    add("--vex", type=_path, metavar="PATH", help="what a vendor says does not hold: OpenVEX", **several)
    add("--no-match", action="store_true", help="list the packages only")
    add("--offline", action="store_true", help="ask no registry")
    add("--no-cache", action="store_true", help="neither use nor keep what layers hold")
    add("--insecure-registry", metavar="HOST", help="ask it without TLS", **several)
    add("--allow-host", metavar="HOST", help="it may have a private address", **several)
    add("--allow-network", metavar="CIDR", help="it may be connected to", **several)
    add("--allow-realm", metavar="HOST", help="a token service that may be sent a password", **several)
    add("--ca-file", type=_path, metavar="PATH", help="trust these certificates besides the system's")
    add("--console", default="", metavar="URL", help="send the document to this console besides, after `login`")
    add("--name", default="", metavar="NAME", help="what it is there; by default this machine's name, and the path")


def _path(text: str) -> "Path":
    from pathlib import Path

    return Path(text)


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.scan.crew import Crew

    def index() -> "Index":
        from rightshift.catalog import index as catalog_index
        from rightshift.cli.words import ecosystems

        return catalog_index.index(ecosystems(arguments.ecosystems))

    with Crew(index) as crew:  # before anything else: it gets ready while we do
        return _with(crew, arguments, streams)


def _with(crew: "Crew", arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift import config as start
    from rightshift.cli import outputs
    from rightshift.cli.run import DONE, FAILED, GATE_FAILED, PARTIAL
    from rightshift.errors import UsageError

    config = start.of_process()
    if arguments.json and arguments.format not in ("", "json"):
        raise UsageError("--json and --format ask for two formats", do="Give one of them")
    written = outputs.parse("json" if arguments.json else arguments.format, arguments.output)
    conditions = _conditions(arguments.fail_on)
    if arguments.no_match and (conditions or arguments.ignore_file or arguments.vex or arguments.baseline):
        raise UsageError("--no-match leaves nothing to fail on or to leave out", do="Give one of the two")
    for condition in conditions:
        if condition.warning:
            streams.note(condition.warning)
    if len(arguments.sources) > 1:
        outputs.refuse_unless_one_after_the_other(written)
    if arguments.name and (not arguments.console or len(arguments.sources) > 1):
        raise UsageError("--name is for one source that is sent to a console", do="Add --console URL, or leave it out")
    said = _said(arguments, config, streams)
    codes = set()
    with _sending(arguments, streams) as sent:
        for text, document in _documents(crew, arguments, config, streams, written):
            codes.add(_report(arguments, text, document, config, streams, written, conditions, said))
            codes.add(sent(document))
    return next((code for code in (FAILED, GATE_FAILED, PARTIAL) if code in codes), DONE)


def _sending(
    arguments: argparse.Namespace, streams: Streams
) -> "AbstractContextManager[Callable[[ScanDocument | RightshiftError], int]]":
    """What is done with each document besides: sent to a console, if one was named."""
    from contextlib import nullcontext

    if not arguments.console:
        return nullcontext(lambda _: 0)
    from rightshift.cli.console import send

    return send.sending(arguments, streams)


def _conditions(texts: Sequence[str]) -> "tuple[Condition, ...]":
    if not texts:
        return ()
    from rightshift.cli import gates

    return gates.parse(texts)


def _said(arguments: argparse.Namespace, config: "Config", streams: Streams) -> "Said | None":
    if not (arguments.ignore_file or arguments.vex or arguments.baseline):
        return None
    from rightshift.cli import suppress

    now = _now()
    said = suppress.read(arguments.ignore_file, arguments.vex, streams, now.date())
    if arguments.baseline:
        from dataclasses import replace

        from rightshift.cli import baseline

        read = baseline.read(arguments.baseline, config, streams, now)
        said = replace(said, baseline=read, compared=tuple(map(str, arguments.baseline)))
    return said


def _report(
    arguments: argparse.Namespace,
    text: str,
    document: "ScanDocument | RightshiftError",
    config: "Config",
    streams: Streams,
    written: "Sequence[Output]",
    conditions: "Sequence[Condition]",
    said: "Said | None",
) -> int:
    """The exit code of one source among several; alone its error is the command's. Raises: RightshiftError."""
    from rightshift.cli import outputs
    from rightshift.cli.run import DONE, FAILED, GATE_FAILED, PARTIAL
    from rightshift.errors import RightshiftError
    from rightshift.report.result import Result

    alone = len(arguments.sources) == 1
    if isinstance(document, RightshiftError):
        if alone:
            raise document
        streams.error(document)
        return FAILED
    for note in document.notes:
        streams.note(note if alone else f"{text}: {note}")
    result = Result(document=document)
    if not arguments.no_match:
        result = _matched(document, config, streams, conditions, said, _now())
    outputs.write(written, result, streams, heading="" if alone else text)
    if not outputs.read_by_people(written):
        for limit in result.limits:
            streams.note(limit if alone else f"{text}: {limit}")
    if result.failed:
        return GATE_FAILED
    return PARTIAL if arguments.require_complete and document.status == "partial" else DONE


def _matched(
    document: "ScanDocument",
    config: "Config",
    streams: Streams,
    conditions: Sequence["Condition"],
    said: "Said | None",
    now: "datetime",
) -> "Result":
    from dataclasses import replace

    from rightshift.cli import gates, known, suppress
    from rightshift.documents.scan import inventory, subject
    from rightshift.report.result import Result

    scanned = inventory(document)
    packages = scanned.packages
    streams.progress(f"Matching {len(packages):,} packages")
    with known.opened(config) as feed:
        found = known.rated(packages, feed, now)
        used = known.used(feed, packages)
    matches, suppressed = suppress.apply(found, said, subject(document), now.date()) if said else (tuple(found), ())
    result = Result(
        document=document,
        feed=used,
        end_of_life=known.end_of_life(scanned.distro, now),
        baseline=said.baseline if said else None,
        compared=said.compared if said else (),
        matches=matches,
        suppressed=suppressed,
    )
    return replace(result, gates=gates.judge(conditions, result.gated))


class _Loading:
    """Has a thread load what reports and matching need, once, while children read."""

    def __init__(self, written: "Sequence[Output]", *, match: bool) -> None:
        self._written = written
        self._match = match
        self._begun = threading.Lock()

    def begin(self) -> None:
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._load, daemon=True).start()

    def _load(self) -> None:
        for output in self._written:
            _ = output.format
        if self._match:
            from rightshift.cli import known

            known.load()


def _documents(
    crew: "Crew", arguments: argparse.Namespace, config: "Config", streams: Streams, written: "Sequence[Output]"
) -> "Iterator[tuple[str, ScanDocument | RightshiftError]]":
    """Each source in its order with what is in it, or why that can't be said."""
    from dataclasses import replace

    from rightshift.cli.words import ecosystems, instant
    from rightshift.scan.run import Options, Scanner
    from rightshift.scan.several import scan_each
    from rightshift.source.registries.connections import Connections

    scanner = Scanner(
        crew,
        Options(
            ecosystems=ecosystems(arguments.ecosystems),
            cache=None if arguments.no_cache else config.cache,
            progress=streams.progress,
        ),
    )
    connections = Connections()
    source = replace(_source(arguments, config), connections=connections)
    loading = _Loading(written, match=not arguments.no_match)
    offline = arguments.offline or config.offline

    def scanned(text: str) -> "ScanDocument":
        created = instant(_now())
        streams.progress(f"Opening {text}")
        material = _opened(text, source, offline=offline)
        loading.begin()
        try:
            return scanner.scan(material, created, os.urandom(16).hex())
        finally:
            material.close()

    try:
        yield from scan_each(arguments.sources, scanned, crew.workers + 1)
    finally:
        connections.close()


def _source(arguments: argparse.Namespace, config: "Config") -> "SourceOptions":
    from ipaddress import ip_network

    from rightshift.errors import UsageError
    from rightshift.source.options import Options

    try:
        networks = tuple(ip_network(text) for text in arguments.allow_network)
    except ValueError as error:
        raise UsageError(f"--allow-network: {error}", do="Write it as 10.1.0.0/16") from error
    return Options(
        platform=arguments.platform,
        skip=tuple(arguments.skip),
        plain_http=frozenset(arguments.insecure_registry),
        hosts=frozenset(arguments.allow_host),
        networks=networks,
        realms=frozenset(arguments.allow_realm),
        certificates=arguments.ca_file or config.ca_file,
    )


def _opened(text: str, options: "SourceOptions", *, offline: bool) -> "Material":
    from rightshift.errors import SourceError
    from rightshift.source.open import open_reference
    from rightshift.source.reference import Reference, parse

    asked = parse(text)
    if not offline or asked.kind not in ("image", "registry"):
        return open_reference(asked, options)
    for kind in ("docker", "podman", "containerd") if asked.kind == "image" else ():
        try:
            return open_reference(Reference(kind=kind, text=asked.text, image=asked.image), options)
        except SourceError:
            continue
    raise SourceError(f"{text} is in no store of this machine", means="No registry was asked", do="Leave --offline out")


COMMAND = Command(
    title="list what is in a folder, a file or an image, and what is known against it, worst first",
    about=ABOUT,
    examples=(
        ("scan .", "the packages of this folder and what to fix first"),
        ("scan . --skip tests/fixtures", "without a folder of it"),
        ("scan alpine:3.19 --platform linux/arm64", "an image from a local store or its registry"),
        ("scan nginx:latest redis:7 --json", "several, each a line of JSON"),
        ("scan image.tar --json", "an archive; the document with its matches for a program"),
        ("scan . --fail-on 'kev, severity>=high + fixable'", "for CI: exit code 3 when one of the two holds"),
        ("scan . --baseline main.json --fail-on fixable", "3 only when something came that main.json does not know"),
        ("scan . -o sarif=found.sarif -o markdown=summary.md -q", "files for a code scanning page and a summary"),
        ("scan . --ignore-file decided.toml --vex vendor.json", "without what you or a vendor have ruled out"),
        ("scan dir:/srv/app --ecosystems java,python --no-match", "only the packages of two ecosystems"),
        ("scan host: --console https://console.example", "this machine, for a console"),
        ("scan registry:localhost:5000/app:1 --insecure-registry localhost:5000", "a registry without TLS"),
    ),
    arguments=_arguments,
    run=_run,
)

"""`rightshift feed`: which feed is here, a newer one, and a feed as one file for a machine with no way out."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift import escape
from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams
from rightshift.errors import EgressError, FeedError, UsageError

if TYPE_CHECKING:
    from rightshift.config import Config
    from rightshift.console.store.pool import Connection
    from rightshift.feed.update import Updated

ABOUT = """\
status   which feed is in use, from when it is, and what is in it
update   asks the upstreams (OSV, CISA KEV, FIRST EPSS, or the mirrors of the environment) for what is new
export   writes it into one signed file, PATH; the key is made when it is not there, its public half beside it in .pub
import   takes the feed from such a file, once its signature was made with the key of --trust

A feed that lost or gained suspiciously much is not taken until --confirm is given, and none that is older until
--allow-older is. Whatever goes wrong, the feed in use stays as it was.

With --console, status and update are of a console's feed, for whoever is signed in there."""


def _arguments(parser: Parser) -> None:
    add = parser.add_argument
    add("action", choices=("status", "update", "export", "import"), help="what to do")
    add("path", nargs="?", type=Path, metavar="PATH", help="the file of `export` and `import`")
    add("--if-reachable", action="store_true", help="update: when the upstreams can't be had, say so and go on")
    add("--rebuild", action="store_true", help="update: take nothing from the feed in use")
    add("--confirm", action="store_true", help="update, import: take it although it differs very much")
    add("--ca-file", type=Path, metavar="PATH", help="update: trust these certificates besides the system's")
    add("--since", type=int, metavar="N", help="export: only what changed after generation N")
    add("--key", type=Path, metavar="PATH", help="export: the private key; by default one in RIGHTSHIFT_HOME")
    add("--trust", type=Path, metavar="PATH", help="import: the public key, PEM; or RIGHTSHIFT_FEED_KEY")
    add("--allow-older", action="store_true", help="import: go back to an older generation")
    add("--console", nargs="?", const="", metavar="URL", help="status, update: of a console; by default the last one")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift import config as start

    if arguments.console is not None:
        from rightshift.cli.console import feed

        return feed.run(arguments, streams)
    config = start.of_process()
    if (arguments.path is None) == (arguments.action in ("export", "import")):
        raise UsageError(f"`feed {arguments.action}` takes {'no' if arguments.path else 'a'} PATH", do="See --help")
    match arguments.action:
        case "update" if arguments.if_reachable:
            return _update_or_go_on(arguments, config, streams)
        case "update":
            return _update(arguments, config, streams)
        case "export":
            return _export(arguments, config, streams)
        case "import":
            return _import(arguments, config, streams)
    return _status(config, streams, as_json=arguments.json)


def _status(config: "Config", streams: Streams, *, as_json: bool) -> int:
    from rightshift.cli import known
    from rightshift.feed import update

    with known.opened(config) as feed:
        status = feed.status()
    checked = update.checked(config.feed)
    if as_json:
        streams.json(asdict(status) | {"kind": "starter" if status.starter else "full", "checked": checked})
        return 0
    streams.line(f"generation  {status.generation} of {status.lineage}")
    streams.line(f"advisories  {status.records:,}" + (" (starter feed)" if status.starter else ""))
    streams.line(f"built       {status.built or 'unknown'}")
    streams.line(f"checked     {checked or 'never'}")
    streams.line(f"KEV         {status.kev or 'none'}")
    streams.line(f"EPSS        {' of '.join(filter(None, (status.epss_model, status.epss_day))) or 'none'}")
    return 0


def _update_or_go_on(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    """For who wants a scan in any case: the feed in use stays as it was, and whoever looks knows why."""
    try:
        return _update(arguments, config, streams)
    except (EgressError, FeedError, UsageError) as error:
        streams.note(f"The feed stays as it is: {error.what}")
        return 0


def _update(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    if config.offline:
        raise UsageError("RIGHTSHIFT_OFFLINE is on", means="Nothing is fetched", do="Import a bundle, or switch it off")
    _make(config.feed)
    *mirrors, last = config.feed_urls or ("",)
    updated = None
    for url in mirrors:
        try:
            updated = _updated(url, arguments, config, streams)
            break
        except (EgressError, FeedError) as error:
            streams.note(f"The mirror {url} was of no use, the next one is asked: {error.what}")
    updated = updated or _updated(last, arguments, config, streams)
    built = updated.built
    if arguments.json:
        streams.json(asdict(updated))
        return 0
    if built:
        streams.line(f"generation {built.generation}: {built.records:,} advisories, {built.changed:,} new or changed")
    else:
        streams.line("no advisory changed")
    streams.line(f"KEV {updated.kev}, EPSS {updated.epss_day}")
    if updated.missing:
        streams.note(f"the upstream has no archive of {', '.join(updated.missing)}")
    return 0


def _updated(url: str, arguments: argparse.Namespace, config: "Config", streams: Streams) -> "Updated":
    """What came of asking one mirror, or the public upstream where there is none. Raises: EgressError, FeedError."""
    from rightshift.feed import update

    addresses = update.addresses(url, config.kev_url, config.epss_url)
    wishes = update.Wishes(rebuild=arguments.rebuild, confirmed=arguments.confirm)
    with update.client(addresses, arguments.ca_file or config.ca_file) as client:
        return update.update(config.feed, addresses, client, datetime.now(UTC), wishes, _progress(streams))


def _export(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    from rightshift.feed import bundle, signature

    key = arguments.key or config.home / "feed-key.pem"
    if not arguments.path.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {str(arguments.path.parent)!a} to write to", do="Make it first")
    _make(config.feed)
    lineage, generation = bundle.export(config.feed, arguments.path, key, arguments.since, _progress(streams))
    public = signature.public_key(key)
    beside = key.with_name(key.name + ".pub")
    _put(beside, public)
    said = {"path": str(arguments.path), "lineage": lineage, "generation": generation, "public_key": str(beside)}
    said["fingerprint"] = signature.fingerprint(public)
    if arguments.json:
        streams.json(said)
        return 0
    for name, value in said.items():
        streams.line(f"{name.replace('_', ' ').ljust(11)} {escape.terminal(str(value))}")
    return 0


def _import(arguments: argparse.Namespace, config: "Config", streams: Streams) -> int:
    from rightshift.feed import bundle, signature

    trust = arguments.trust or config.feed_key
    if trust is None:
        raise UsageError("No key says whose bundle may be taken", do="Give --trust PATH, or set RIGHTSHIFT_FEED_KEY")
    trusted = _read(trust, signature.KEY_FILE_BYTES)
    _make(config.feed)
    brought = bundle.bring(
        config.feed,
        arguments.path,
        trusted,
        confirmed=arguments.confirm,
        older=arguments.allow_older,
        progress=_progress(streams),
    )
    if config.database_url:
        _give(config)
    if arguments.json:
        streams.json(asdict(brought))
    else:
        streams.line(f"generation {brought.generation} of {brought.lineage} is in use")
    return 0


def _give(config: "Config") -> None:
    """To a console's other processes, which share no disk; they would bring back the feed that they all have, else."""
    from rightshift.cli.console import own_machine

    async def work(connection: "Connection", _by: str, now: datetime) -> None:
        from rightshift.console.jobs import feed_files

        await feed_files.give(connection, config.feed, now)

    own_machine.done(config, work)


def _progress(streams: Streams) -> Callable[[str, int, int], None]:
    def progress(what: str, done: int, total: int) -> None:
        part = f" {done * 100 // total} %" if total else f" {done:,}" if done else ""
        streams.progress(what + part)

    return progress


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        what = f"{str(folder)!a} can't be made: {error.strerror}"
        raise FeedError(what, do="Set RIGHTSHIFT_HOME to a folder that you may write to") from error


def _put(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise FeedError(f"{str(path)!a} can't be written: {error.strerror}") from error


def _read(path: Path, limit_bytes: int) -> bytes:
    try:
        if not path.is_file():
            raise UsageError(f"There is no file {str(path)!a}", do="Name the public key that `feed export` wrote")
        with path.open("rb") as file:
            return file.read(limit_bytes)
    except OSError as error:
        raise UsageError(f"{str(path)!a} can't be read: {error.strerror}") from error


COMMAND = Command(
    title="show, update, export or import the advisories that packages are matched with",
    about=ABOUT,
    examples=(
        ("feed update", "fetch what is new"),
        ("feed status", "from when it is and what is in it"),
        ("feed status --json", "for a program"),
        ("feed export feed.bundle", "one file for a machine with no way out"),
        ("feed update --console", "have the console that you are signed in to fetch it"),
        ("feed import feed.bundle --trust feed-key.pem.pub", "take it there"),
    ),
    arguments=_arguments,
    run=_run,
)

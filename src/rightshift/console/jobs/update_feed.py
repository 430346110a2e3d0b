"""Fetches what is new in the advisories, in one process of all there are. Where the files then go: `feed_files`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from rightshift.console.jobs import child, feed_files
from rightshift.console.jobs.job import Job, Result, Running
from rightshift.console.store import progress
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.config import Config
    from rightshift.console.jobs.inside import Told
    from rightshift.feed.upstreams.fetch import Progress


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that updates is told. An empty address is the public one; of `mirrors` the first that works."""

    folder: str
    mirrors: list[str]
    kev: str
    epss: str
    certificates: str
    confirmed: bool = False


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments of a run. `confirm`: a feed is taken although it differs very much from the one in use."""

    confirm: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is in use now."""

    generation: int
    records: int
    changed: int
    kev: str
    epss: str


async def _run(running: Running) -> Result:
    """Where processes share no disk, what another one built is fetched first, so that generations go on in one line."""
    around = running.around
    if around.config.offline:
        raise UsageError("RIGHTSHIFT_OFFLINE is on", means="Nothing is fetched", do="Import a bundle, or switch it off")
    if not around.embedded:
        await feed_files.fetch(around.pool, around.config.feed)
    wanted = msgspec.json.decode(running.arguments, type=Wanted)
    given = await running.child(f"{__name__}:update", _order(around.config, wanted))
    if not around.embedded:
        await running.tell("Giving it to the other processes")
        await feed_files.publish(around.pool, around.config.feed, around.clock())
    async with around.pool.connection() as connection:
        await progress.tell(connection, "feed")
    return msgspec.structs.asdict(msgspec.json.decode(given, type=Outcome))


def _order(config: "Config", wanted: Wanted) -> Update:
    return Update(
        folder=str(config.feed),
        mirrors=list(config.feed_urls or ("",)),
        kev=config.kev_url,
        epss=config.epss_url,
        certificates=str(config.ca_file or ""),
        confirmed=wanted.confirm,
    )


def update(order: bytes, told: "Told") -> Outcome:
    """In a process of its own: fetches, builds, checks and swaps. Raises: EgressError, FeedError of the last mirror."""
    from rightshift.errors import EgressError, FeedError

    told_to = msgspec.json.decode(order, type=Update)
    Path(told_to.folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    *mirrors, last = told_to.mirrors
    for number, mirror in enumerate(mirrors, 1):
        try:
            return _updated(mirror, told_to, told)
        except (EgressError, FeedError) as error:
            # by its number: an address may hold a password
            told.log(f"mirror {number} was of no use, the next one is asked: {error.what}")
    return _updated(last, told_to, told)


def _updated(mirror: str, told_to: Update, told: "Told") -> Outcome:
    from rightshift.feed import file
    from rightshift.feed import update as feed

    folder = Path(told_to.folder)
    addresses = feed.addresses(mirror, told_to.kev, told_to.epss)
    certificates = Path(told_to.certificates) if told_to.certificates else None
    with feed.client(addresses, certificates) as client:
        wishes = feed.Wishes(confirmed=told_to.confirmed)
        updated = feed.update(folder, addresses, client, datetime.now(UTC), wishes, _progress(told))
    if updated.missing:
        told.log(f"the upstream has no archive of {', '.join(updated.missing)}")
    said, built = file.said(folder / file.FEED), updated.built
    return Outcome(
        generation=file.generation(said),
        records=built.records if built else int(said.get("records", 0)),
        changed=built.changed if built else 0,
        kev=updated.kev,
        epss=updated.epss_day,
    )


def _progress(told: "Told") -> "Progress":
    def progress(what: str, done: int, total: int) -> None:
        told.doing(what, done, total or None)

    return progress


def starter(order: bytes, told: "Told") -> None:
    """In a process of its own: puts the starter feed into a folder that has none."""
    from rightshift.feed import starter as feed

    told.doing("Writing the starter feed")
    feed.opened(Path(msgspec.json.decode(order, type=Update).folder)).close()


async def begin(config: "Config") -> None:
    """Sees that there is a feed at all. Raises: ChildFailed."""
    if not (config.feed / feed_files.FEED).exists():
        await child.work(f"{__name__}:starter", msgspec.json.encode(_order(config, Wanted())), child.SILENT)


JOB = Job(name="update_feed", run=_run, timeout_s=3 * 3_600, pause_s=120)

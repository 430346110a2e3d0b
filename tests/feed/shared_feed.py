"""The real records of the data set as a feed: served on loopback, fetched and built once for a run of tests."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Literal

import pytest

from rightshift.feed import file, record, update
from rightshift.feed.build import Built, building
from rightshift.feed.record import Record
from tests.shared import shared

NOW = datetime(2026, 8, 10, tzinfo=UTC)


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The address of the data set's own server for as long as it is needed."""
    command = [sys.executable, str(shared("feed/serve.py")), "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def fetched(folder: Path, address: str, wishes: update.Wishes | None = None) -> update.Updated:
    """One update, as the command line does it."""
    addresses = update.addresses(address)
    with update.client(addresses) as client:
        return update.update(folder, addresses, client, NOW, wishes)


def records(state: Literal["previous", "current"]) -> Iterator[Record]:
    """All records of a state, read by the program's own reader."""
    spec = spec_from_file_location("serve", shared("feed/serve.py"))
    assert spec is not None
    assert spec.loader is not None
    serve = module_from_spec(spec)
    spec.loader.exec_module(serve)
    for found in serve.load(state).values():
        yield record.read(serve.dump(found))


def from_nothing(folder: Path, state: Literal["previous", "current"]) -> Built:
    """A feed of one state, without a server. All records stand in one part that no bucket has."""
    folder.mkdir()
    with building(folder, folder / file.FEED, None) as build:
        listed = []
        for found in records(state):
            build.add(found)
            listed.append((found.id, found.modified))
        build.enlist("a state", listed)
        return build.finish(NOW.isoformat(), state)


def built(factory: pytest.TempPathFactory) -> Path:
    """
    A folder with the feed of the current state, updated from the previous one through the server.

    Processes of one run share it. Nobody may change it.
    """
    root = factory.getbasetemp()
    if root.name.startswith("popen-"):  # a worker of several
        root = root.parent
    folder = root / "shared-feed"
    with (root / "shared-feed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / file.THREAT).exists():
            from_nothing(folder, "previous")
            with serving() as address:
                fetched(folder, address)
    return folder

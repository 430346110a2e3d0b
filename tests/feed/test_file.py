"""The old feed or the new one, whole, whatever happens: kills, full disks, swaps under readers."""

import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rightshift.errors import FeedError
from rightshift.feed import file, threat
from rightshift.feed.lookup import Feed
from rightshift.feed.matches import Line, match_lines
from tests.feed.bucket import Bucket, feed, many, osv

CHECKOUT = Path(__file__).parents[2]

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from rightshift.feed import update
from tests.feed.bucket import impatient
print("ready", flush=True)
while True:
    with impatient() as client:
        update.update(Path(sys.argv[1]), update.addresses(sys.argv[2]), client, datetime(2026, 1, 5, tzinfo=UTC))
"""


def _killed_at_random_moments(folder: Path, bucket: Bucket, kills: int) -> None:
    """An updater whose upstream changes each time; its child process is killed, and what it leaves is looked at."""
    known = {feed(folder.parent / str(count), many(count)).digest for count in (300, 310)}
    feed(folder, many(300))
    moments = random.Random(kills)
    for number in range(kills):
        bucket.records = {record["id"]: record for record in many(310 - 10 * (number % 2))}
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), bucket.url], stdout=subprocess.PIPE, cwd=CHECKOUT
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(moments.random() * 0.15)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert file.check(folder / file.FEED)["digest"] in known
        threat.check(folder / file.THREAT)
    with file.locked(folder):
        left = {path.name for path in folder.iterdir()}
    assert left <= {".lock", file.FEED, file.THREAT, "state.json"}


def test_a_kill_leaves_the_old_feed_or_the_new_one(tmp_path: Path, bucket: Bucket) -> None:
    _killed_at_random_moments(tmp_path / "feed", bucket, kills=6)


@pytest.mark.prove
def test_many_kills_leave_the_old_feed_or_the_new_one(tmp_path: Path, bucket: Bucket) -> None:
    _killed_at_random_moments(tmp_path / "feed", bucket, kills=300)


def test_a_reader_keeps_its_generation_over_a_swap(tmp_path: Path) -> None:
    feed(tmp_path, [osv("T-1", "npm", "x", "introduced 0")])
    feed(tmp_path / "new", [osv("T-2", "npm", "x", "introduced 0")])
    with Feed.open(tmp_path) as before:
        file.swap(tmp_path / "new" / file.FEED, tmp_path / file.FEED)
        assert [s.record for s in before.statements("npm", "x")] == ["T-1"]
    with Feed.open(tmp_path) as after:
        assert [s.record for s in after.statements("npm", "x")] == ["T-2"]


def test_swaps_under_readers_are_never_mixed(tmp_path: Path) -> None:
    for number in range(2):
        feed(tmp_path / str(number), [osv(f"T-{number}-{n}", "npm", f"name-{n}", "introduced 0") for n in range(40)])
    contents = [(tmp_path / str(number) / file.FEED).read_bytes() for number in range(2)]
    live = tmp_path / "live"
    live.mkdir()
    (live / file.FEED).write_bytes(contents[0])
    lines = [Line("npm", f"name-{n}", "1.0.0") for n in range(40)]

    def scan(_: int) -> set[str]:
        with Feed.open(live) as known:
            return {match.id.split("-")[1] for found in match_lines(lines, known) for match in found}

    with ThreadPoolExecutor(4) as readers:
        answers = readers.map(scan, range(20))
        for number in range(100):
            new = live / f".new-{number}"
            new.write_bytes(contents[number % 2])
            file.swap(new, live / file.FEED)
        assert all(answer in ({"0"}, {"1"}) for answer in answers)


def test_a_full_disk_leaves_the_old_feed(tmp_path: Path) -> None:
    feed(tmp_path, many(5))
    before = (tmp_path / file.FEED).read_bytes()
    child = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
from pathlib import Path
from rightshift.errors import FeedError
from rightshift.feed import file
from rightshift.feed.build import building
from rightshift.feed.record import read
from tests.feed.bucket import many
import json
folder = Path({str(tmp_path)!r})
try:
    with file.locked(folder), file.beside(folder, "feed") as new:
        with building(folder, new, None) as build:
            for record in many(20_000):
                build.add(read(json.dumps(record).encode()))
            build.finish("now", "test")
except FeedError as error:
    print(error.means)
"""
    ran = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, cwd=CHECKOUT, check=False)
    assert ran.stdout.strip() == "The feed in use stays as it was", ran.stderr
    assert (tmp_path / file.FEED).read_bytes() == before
    assert not list(tmp_path.glob(".new-*"))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with file.locked(tmp_path), pytest.raises(FeedError, match="another process"), file.locked(tmp_path):
        pass


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 20_000])
def test_a_cut_off_file_is_an_error_and_no_trace(tmp_path: Path, size: int) -> None:
    feed(tmp_path, many(50))
    content = (tmp_path / file.FEED).read_bytes()
    (tmp_path / file.FEED).write_bytes(content[:size])
    with pytest.raises(FeedError):
        file.check(tmp_path / file.FEED)
    with pytest.raises(FeedError):
        _everything(tmp_path)


def test_random_damage_is_an_error_and_no_trace(tmp_path: Path) -> None:
    feed(tmp_path, many(50))
    content = (tmp_path / file.FEED).read_bytes()
    places = random.Random(3)
    for _ in range(150):
        broken = bytearray(content)
        for _ in range(20):
            broken[places.randrange(len(broken))] ^= 1 << places.randrange(8)
        (tmp_path / file.FEED).write_bytes(broken)
        for read in (_everything, lambda folder: file.check(folder / file.FEED)):
            try:
                read(tmp_path)
            except FeedError:
                continue


def _everything(folder: Path) -> None:
    with Feed.open(folder) as known:
        list(known.changed_since(0))
        list(match_lines([Line("PyPI", f"name-{n}", "0.5") for n in range(50)], known))


def test_threat_files_are_read_to_their_end(tmp_path: Path) -> None:
    feed(tmp_path, many(3))
    threat.check(tmp_path / file.THREAT)
    content = (tmp_path / file.THREAT).read_bytes()
    (tmp_path / file.THREAT).write_bytes(content[: len(content) // 2])
    with pytest.raises(FeedError):
        threat.check(tmp_path / file.THREAT)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(FeedError, match="cannot be written"), file.locked(tmp_path / "taken" / "feed"):
        pass

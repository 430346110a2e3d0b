"""An update that is cut off at each 64 KiB, and one whose disk is full: the old feed stays, and nothing else."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from rightshift.errors import FeedError
from rightshift.feed import file, update
from tests.feed.bucket import Bucket, feed, impatient, many
from tests.feed.test_update import NOW, digest, run
from tests.hostile.command import COMMAND
from tests.shared import shared

STEP_BYTES = 64 << 10
RECORDS = 8_000


@contextmanager
def proxied(bucket: Bucket) -> Iterator[tuple[str, str]]:
    """The address of the data set's proxy before a bucket, and that at which it is told how to misbehave."""
    ports = []
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            ports.append(listening.getsockname()[1])
    program, behind = shared("tools/faultproxy.py"), bucket.url.removeprefix("http://")
    places = ["--listen", f"127.0.0.1:{ports[0]}", "--to", behind, "--control", f"127.0.0.1:{ports[1]}"]
    with subprocess.Popen([sys.executable, str(program), *places], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        try:
            yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}/"
        finally:
            running.terminate()
            running.wait(10)


@pytest.mark.prove
@pytest.mark.shared
def test_cut_at_each_64_kib_the_old_feed_stays(tmp_path: Path, bucket: Bucket) -> None:
    bucket.put(*many(RECORDS - 100))
    run(tmp_path, bucket)
    before = digest(tmp_path)
    bucket.put(*many(RECORDS))
    size, cuts = len(bucket.body("PyPI/all.zip") or b""), 0
    with proxied(bucket) as (address, control):
        for cut in range(1, size, STEP_BYTES):
            urlopen(Request(control, data=f"clear=1 cut={cut}".encode())).close()
            with pytest.raises(FeedError), impatient() as client:
                update.update(tmp_path, update.addresses(address), client, NOW)
            cuts += 1
            assert digest(tmp_path) == before
            assert not list(tmp_path.glob(".new-*"))
    assert cuts > 10
    assert run(tmp_path, bucket).built is not None


@pytest.mark.prove
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="needs root, to make a small disk")
@pytest.mark.parametrize("room", [0, 50, 100, 200, 300, 400, 600, 700])
def test_on_a_small_disk_the_old_feed_stays(tmp_path: Path, room: int) -> None:
    """`room` is what is free beside the old feed, in KiB; a whole import needs more."""
    feed(tmp_path / "here" / "feed", many(4_000))
    feed(tmp_path / "old" / "feed", many(200))
    before, used = digest(tmp_path / "old" / "feed"), _size(tmp_path / "old" / "feed")
    exported = subprocess.run(
        [COMMAND, "feed", "export", tmp_path / "bundle", "--key", tmp_path / "key.pem"],
        env={**os.environ, "RIGHTSHIFT_HOME": str(tmp_path / "here")},
        check=False,
        capture_output=True,
    )
    assert exported.returncode == 0, exported.stderr
    (tmp_path / "small").mkdir()
    program = f"""
        mount -t tmpfs -o size={used + (room << 10)} tmpfs {tmp_path}/small || exit 99
        cp -r {tmp_path}/old/feed {tmp_path}/small/feed || exit 98
        {COMMAND} feed import {tmp_path}/bundle --trust {tmp_path}/key.pem.pub --confirm
        echo $?
        ls -A {tmp_path}/small/feed
        cp {tmp_path}/small/feed/{file.FEED} {tmp_path}/after
    """
    environ = {**os.environ, "RIGHTSHIFT_HOME": str(tmp_path / "small")}
    done = subprocess.run(["unshare", "-m", "sh", "-c", program], env=environ, check=False, capture_output=True)
    assert done.returncode == 0, done
    status, *left = done.stdout.decode().split()
    assert set(left) <= {".lock", file.FEED, file.THREAT, update.STATE}
    assert status == "1", done
    assert done.stderr.startswith(b"rightshift: error: ")
    assert file.check(tmp_path / "after")["digest"] == before


def _size(folder: Path) -> int:
    """What a small disk must hold, in whole pages."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.iterdir()) + (16 << 10)

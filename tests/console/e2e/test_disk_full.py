"""
A disk that is full for a minute: documents are refused clearly, nothing is lost, and it goes on by itself.

Short runs have the parts of it: `door/test_space` refuses, `postgres/test_disk_full` loses nothing.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import urllib3

from rightshift.console.disk import LEAST_BYTES
from rightshift.documents.scan import encode
from tests.console.documents import image, many
from tests.console.e2e import again
from tests.console.e2e.conftest import Estate, begun
from tests.console.e2e.console import until
from tests.console.e2e.killing import Sender
from tests.console.e2e.test_kills import kept_once, sender_of

DISK_BYTES = LEAST_BYTES + (320 << 20)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, on which the home, the logs and the database of a console lie."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=755", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root, where it may mount, has a disk that is full")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def filled(place: Path, left_bytes: int) -> Iterator[None]:
    """Meanwhile a file of somebody else's leaves so much."""
    ballast = place / "ballast"
    try:
        for piece in (1 << 20, 1 << 12):
            with suppress(OSError), ballast.open("ab", buffering=0) as file:
                while left(place) > left_bytes and file.write(bytes(piece)):
                    pass
        yield
    finally:
        ballast.unlink()


def left(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


def refused(estate: Estate) -> bool:
    """Whether a document is refused, and for its reason."""
    content = encode(many("refused", image(99), 5))
    with suppress(urllib3.exceptions.HTTPError):
        answer = estate.admin.ask("POST", "/ingest/scans", content)
        problem = json.loads(answer.data)
        assert answer.status == 507, problem
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert "full" in problem["detail"]
        return True
    return False


@pytest.mark.check("D06")
@pytest.mark.prove
@pytest.mark.parametrize("writes", [4_000, 60_000])
async def test_it_refuses_keeps_and_goes_on(writes: int, small_disk: Path, tmp_path: Path, database: str) -> None:
    (tmp_path / "scanned").mkdir()
    with begun("embedded", small_disk) as estate:
        sender = sender_of(estate, tmp_path / "scanned")
        server = estate.console.server()
        with sender.sending("scans", "facts", "jobs"):
            taken(sender, 10)
            until("there is something to read", lambda: estate.admin.get("/findings?limit=10")["items"], 180)
            with filled(small_disk, LEAST_BYTES // 2):
                until("documents are refused", lambda: refused(estate))
                # nearly full: all else goes on, and the database lives
                assert estate.admin.get("/findings?limit=10")["items"]
                assert estate.admin.get("/status")["stale"][0]["kind"] == "disk"
                assert estate.admin.post("/tokens", {"name": "meanwhile"})["secret"]
                assert estate.console.server() == server
            taken(sender, 5)
            with filled(small_disk, 0):
                # to the last byte, and written to until the database may have ended
                pressed(estate, writes)
                until("documents are refused", lambda: refused(estate))
                answer = read(estate)
                assert answer.status in (200, 503)
                assert answer.status == 200 or "full" in json.loads(answer.data)["detail"]
            until("all answer", estate.console.answers, 60)
            taken(sender, 5)
        rows = estate.console.rows
        until(
            "all jobs have ended", lambda: not rows("SELECT 1 FROM job_run WHERE state IN ('waiting', 'running')"), 400
        )
        until("all is derived", lambda: rows("SELECT count(*) FROM dirty") == [(0,)], 120)
        kept_once(estate, sender)
        assert rows("SELECT * FROM set_aside") == []
        assert await again.differing(estate.console.database, database, estate.console.home / "feed") == {}


def taken(sender: Sender, more: int) -> None:
    """Until so many more were acknowledged."""
    before = sender.acknowledged
    until("more is taken", lambda: sender.failed or sender.acknowledged >= before + more, 90)


def pressed(estate: Estate, writes: int) -> None:
    """Writes that nobody refuses before they come to the database: it has to notice by itself."""
    with suppress(Exception):
        estate.console.rows("CREATE TABLE IF NOT EXISTS ballast (content text)")
        estate.console.rows("ALTER TABLE ballast ALTER content SET STORAGE EXTERNAL")
        for _ in range(writes // 100):
            estate.console.rows(
                "INSERT INTO ballast SELECT repeat(md5(random()::text), 100) FROM generate_series(1, 100)"
            )


def read(estate: Estate) -> urllib3.BaseHTTPResponse:
    """What an answer to a question is, as soon as there is one at all."""
    answers: list[urllib3.BaseHTTPResponse] = []

    def answered() -> bool:
        answers.append(estate.admin.ask("GET", "/findings?limit=10"))
        return True

    until("it is answered", answered)
    return answers[0]

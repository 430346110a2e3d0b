"""
Whoever sends documents and wishes to a console that is killed again and again, and what must hold afterwards.

A client does what the documentation says: what was not answered, or was refused for now, is sent again as it is.
"""

import json
import os
import random
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Literal

import urllib3

from rightshift.console.ingest import facts
from rightshift.documents.scan import encode
from tests.console.documents import document, image, npm
from tests.console.e2e.conftest import Estate
from tests.console.e2e.console import Client, Console, until
from tests.console.facts_client import SyntheticSensor

Victim = Literal["app", "worker", "deriving", "backend", "database", "up"]
Kind = Literal["scans", "facts", "jobs"]
PARTS: tuple[Victim, ...] = ("app", "worker", "deriving", "backend", "database")
WITH_UP: tuple[Victim, ...] = (*PARTS, "up")
PATIENCE_S = 90


@dataclass(slots=True)
class Sender:
    """Sends until it is stopped; `scans`, `facts` and `jobs` are what was acknowledged."""

    estate: Estate
    folder: Path
    reporter: str
    sensor: Client
    scans: list[str] = field(default_factory=list)
    facts: list[bytes] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)
    _stop: Event = field(default_factory=Event)

    @property
    def acknowledged(self) -> int:
        """Whatever it was."""
        return len(self.scans) + len(self.facts) + len(self.jobs)

    @contextmanager
    def sending(self, *what: Kind) -> Iterator[None]:
        """Meanwhile it sends; at the end each waits for the answer to its last one."""
        does = {"scans": self._scan, "facts": self._tell, "jobs": self._wish}
        threads = [Thread(target=self._work, args=[does[one]]) for one in what]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(PATIENCE_S)
        assert not self.failed, self.failed
        assert not any(thread.is_alive() for thread in threads)

    def _work(self, send: Callable[[int], None]) -> None:
        number = 0
        try:
            while not self._stop.is_set():
                send(number)
                number += 1
        except BaseException as error:  # noqa: BLE001  # told by the test's own thread
            self.failed.append(error)

    def _scan(self, number: int) -> None:
        packages = [
            npm(f"name-{n % 60}", f"{n % 7}", purl=f"pkg:pypi/name-{n % 60}@{n % 7}", ecosystem="pypi")
            for n in range(number, number + 20)
        ]
        if number % 3:
            # no two are of the same moment, and no image is another one's alias
            made = f"{datetime.fromtimestamp(1_767_600_000 + number, UTC):%Y-%m-%dT%H:%M:%SZ}"
            scan = document(f"scan-{number}", image(11 + number % 15), *packages, created=made)
            content, path = encode(scan), "/ingest/scans"
        else:
            components = [
                {"type": "library", "name": one.name, "version": one.version, "purl": one.purl} for one in packages
            ]
            bill = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": number + 1, "components": components}
            content, path = json.dumps(bill).encode(), f"/ingest/scans?asset=bill-{number % 10}"
        answer = self._until_taken(self.estate.admin, path, content, number)
        self.scans.append(str(answer["scan"]))

    def _tell(self, number: int) -> None:
        del number
        content = self._sensor.document().replace(self._sensor.host.encode(), self.reporter.encode())
        answer = self._until_taken(self.sensor, "/ingest/facts", content, len(self.facts))
        assert answer.get("want") is None, answer
        self.facts.append(content)

    def _wish(self, number: int) -> None:
        place = self.folder / str(number)
        place.mkdir()
        (place / "requirements.txt").write_text(f"name-{number % 60}==1\n")
        wish = json.dumps({"reference": f"dir:{place}"}).encode()
        self.jobs.append(str(self._until_taken(self.estate.admin, "/scans", wish, number)["id"]))
        self._stop.wait(4)  # so that two workers that are often killed keep up

    _sensor: SyntheticSensor = field(default_factory=lambda: SyntheticSensor(3, containers=3))

    def _until_taken(self, client: Client, path: str, content: bytes, number: int) -> dict[str, object]:
        urls = self.estate.console.urls
        for attempt in range(10_000):
            with suppress(urllib3.exceptions.HTTPError):
                answer = client.at(urls[(number + attempt) % len(urls)]).ask("POST", path, content)
                if answer.status < 300:
                    found: dict[str, object] = json.loads(answer.data)
                    return found
                assert answer.status in (429, 503, 507), (answer.status, answer.data[:500])
                assert int(answer.headers["Retry-After"]) > 0
                assert json.loads(answer.data)["detail"]
            select.select([], [], [], 0.1)
        raise AssertionError(f"{path} was never taken")


@dataclass(slots=True)
class Killer:
    """Kills something of a console, and waits until all of it is there again and has taken something."""

    console: Console
    sender: Sender
    chance: random.Random
    kills: dict[str, int] = field(default_factory=dict)

    def kill(self, victim: Victim) -> None:
        """One of its processes, at some moment."""
        select.select([], [], [], self.chance.random() * 0.3)
        pid = self._pid(victim)
        os.kill(pid, signal.SIGKILL)
        self.kills[victim] = self.kills.get(victim, 0) + 1
        before = self.sender.acknowledged
        until(f"{victim} {pid} is there again", lambda: self._whole(pid), PATIENCE_S, self._log)
        until("something is taken", lambda: self.sender.acknowledged > before or self.sender.failed, PATIENCE_S)

    def _pid(self, victim: Victim) -> int:
        match victim:
            case "up":
                process = self.console.processes[0].running
                assert process is not None
                return process.pid
            case "database":
                return self.console.server()
            case "backend":
                server = self.console.server()
                found = [
                    int(child)
                    for task in Path(f"/proc/{server}/task").iterdir()
                    for child in (task / "children").read_text().split()
                ]
                return self.chance.choice(found)
            case part:
                return self.chance.choice(self.console.pids()[part])

    def _whole(self, without: int) -> bool:
        pids = self.console.pids()
        count = len(self.console.urls)
        return (
            all(len(those) == count and without not in those for those in pids.values())
            and self.console.answers()
            and self.console.rows("SELECT 1") == [(1,)]
            and Path(f"/proc/{self.console.server()}").exists()
        )

    def _log(self) -> str:
        return "\n".join(one.out.with_suffix(".log").read_text()[-3_000:] for one in self.console.processes)


def counted(documents: list[bytes]) -> int:
    """The connections in these documents, each counted once."""
    return sum(one.count for content in documents for one in facts.decode(content).connections)

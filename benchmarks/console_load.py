"""
What a console takes: sensors that tell of their hosts, scans that come from CI, people who look; on this machine.

    python -m benchmarks.console_load [--sensors N] [--minutes M] [--scans PER_MINUTE] [--json]

It starts one with its embedded database in an empty folder, enrols the sensors, and sends for so long. A time of
acknowledgement counts from when a document was due, so that whoever waits behind a slow answer counts as well. In the
end all marks must be derived, and the database must hold each acknowledged document once.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import urllib3
import uvloop
import zstandard

from benchmarks.load import stored
from benchmarks.load.people import Looked, Person
from benchmarks.load.processes import PASSWORD, Console, console, own_cpu_s
from benchmarks.load.scans import Images, of_host, records
from benchmarks.load.stored import Told
from benchmarks.load.wire import Post, Wire
from tests.console.derive.world import grown
from tests.console.facts_client import SyntheticSensor

LOOK_S = 5.0
DERIVED_S = 600.0
"""How long the rest of the marks may take after the last document."""
_ZSTD = "Content-Type: application/json\r\nContent-Encoding: zstd\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who comes, how often, and for how long. `fresh` is the share of traffic with peers that are new."""

    sensors: int = 500
    each_s: float = 10.0
    scans_per_minute: float = 50.0
    people: int = 5
    seconds: float = 600.0
    containers: int = 10
    fresh: float = 0.05
    seed: int = 0
    restart_s: float | None = None
    """The whole console is stopped and started again after so many seconds."""


@dataclass(frozen=True, slots=True)
class Sample:
    """At one moment, in seconds since the beginning: CPU used so far and memory by kind of process, and marks."""

    at_s: float
    cpu_s: dict[str, float]
    memory_mib: dict[str, float]
    marks: int
    """-1 where the database was away."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a load. Times are (when, how long), both in seconds, from the beginning on."""

    load: Load
    facts_s: list[tuple[float, float]] = field(default_factory=list)
    scans_s: list[tuple[float, float]] = field(default_factory=list)
    reads_s: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    failed_reads: list[str] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[float, int, str]] = field(default_factory=list)
    """(when, status, Retry-After) of documents that were told to come again."""
    lost_connections: int = 0
    differences: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    derived_after_s: float = 0.0
    """From the last document until no mark was left."""
    restarted_s: float | None = None
    """When the restarted console was ready again."""
    own_cpu_s: float = 0.0

    def cpu_s(self) -> dict[str, float]:
        """What each kind of process used in all, the derivation of the rest included."""
        return _used(self.samples[0], self.samples[-1])

    def later(self) -> tuple[dict[str, float], int]:
        """As `cpu_s`, but of the second half, when all hosts are known; and how many documents came in it."""
        half = next((one for one in self.samples if one.at_s >= self.load.seconds / 2), self.samples[-1])
        last = [one for one in self.samples if one.at_s <= self.load.seconds][-1]
        times = [when for when, _ in (*self.facts_s, *self.scans_s) if half.at_s < when <= last.at_s]
        return _used(half, last), len(times)


def _used(first: Sample, last: Sample) -> dict[str, float]:
    return {name: used - first.cpu_s.get(name, 0) for name, used in last.cpu_s.items()}


def percentile(times: Sequence[tuple[float, float]], share: float, since: float = 0.0) -> float:
    """Of how long it took, in seconds; 0 for nothing."""
    found = sorted(took for when, took in times if when >= since)
    return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


@contextmanager
def home() -> Iterator[Path]:
    """A folder that the database's user can pass through, with a feed about the packages of the scans."""
    with tempfile.TemporaryDirectory(prefix="rightshift-") as folder:
        Path(folder).chmod(0o755)
        made = Path(folder) / "home"
        made.mkdir()
        grown(made / "feed", records())
        yield made


def run(load: Load) -> Outcome:
    """A whole run in a console of its own."""
    with home() as at, console(at) as running:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run(load, running))


async def _run(load: Load, running: Console) -> Outcome:
    entry = _Entry(f"http://127.0.0.1:{running.port}/api/v1", running.link)
    sensors = [_Sensor.of(load, running.port, number, *entry.enrol(number)) for number in range(load.sensors)]
    images, scanner = Images(load.seed), entry.scanner()
    scans: list[tuple[float, float]] = []
    posts = [
        Post(Wire("127.0.0.1", running.port, f"Authorization: Bearer {scanner}\r\n"), "ingest/scans", _ZSTD, scans)
        for _ in range(4)
    ]
    looked = Looked()
    people = [
        Person(Wire("127.0.0.1", running.port, f"Cookie: {entry.cookie()}\r\n"), looked, random.Random(one), not one)
        for one in range(load.people)
    ]
    outcome, began, own = Outcome(load=load), time.monotonic(), own_cpu_s()
    until, names = began + load.seconds, list[str]()
    watching = asyncio.create_task(_watch(running, outcome, began))
    restarting = asyncio.create_task(_restart(running, outcome, began))
    try:
        await asyncio.gather(
            *(one.work(began, until, load.each_s) for one in sensors),
            _scan(images, posts, names, load, began, until),
            *(one.work(until) for one in people),
        )
    finally:
        for wire in (*(one.post.wire for one in sensors), *(one.wire for one in posts), *(one.wire for one in people)):
            wire.close()
        watching.cancel()
        await asyncio.sleep(0)
    ended = time.monotonic()
    await restarting
    while await asyncio.to_thread(stored.waiting, running.database):
        if time.monotonic() - ended > DERIVED_S:
            break
        await asyncio.sleep(0.2)
    outcome.derived_after_s = time.monotonic() - ended
    outcome.own_cpu_s = own_cpu_s() - own
    outcome.samples.append(await asyncio.to_thread(_sample, running, began))
    told = {one.sensor.host: one.told() for one in sensors}
    outcome.differences = await asyncio.to_thread(stored.differences, running.database, told, names)
    outcome.facts_s = _since(began, [one for sensor in sensors for one in sensor.post.acknowledged_s])
    outcome.scans_s = _since(began, scans)
    outcome.reads_s = {kind: _since(began, times) for kind, times in sorted(looked.took_s.items())}
    outcome.failed_reads = looked.failed
    outcome.sent = {"facts": sum(one.sent for one in sensors), "scans": len(names)}
    all_posts = [*posts, *(one.post for one in sensors)]
    outcome.refused = [(at - began, status, again) for one in all_posts for at, status, again in one.refused]
    outcome.lost_connections = sum(one.lost for one in all_posts)
    return outcome


def _since(began: float, times: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return sorted((when - began, took) for when, took in times)


@dataclass(slots=True)
class _Sensor:
    sensor: SyntheticSensor
    post: Post
    chance: random.Random
    sent: int = 0
    _packing: zstandard.ZstdCompressor = field(default_factory=lambda: zstandard.ZstdCompressor(level=3))

    @classmethod
    def of(cls, load: Load, port: int, number: int, key: str, credential: str) -> "_Sensor":
        made = SyntheticSensor(
            number,
            containers=load.containers,
            seed=load.seed,
            window_ms=int(load.each_s * 1_000),
            host=key,
            start_ms=int(time.time() * 1_000),
            fresh=load.fresh,
            hosts=load.sensors,
            images=of_host(number, load.containers),
        )
        wire = Wire("127.0.0.1", port, f"Authorization: Bearer {credential}\r\n")
        return cls(made, Post(wire, "ingest/facts", _ZSTD, []), random.Random(f"{load.seed} {number}"))

    async def work(self, began: float, until: float, each_s: float) -> None:
        """A document each so often, with jitter, the first at any time within the first turn."""
        turn, full = self.chance.uniform(0, each_s), True
        while (due := began + turn) < until:
            await asyncio.sleep(due - time.monotonic())
            body = self._packing.compress(self.sensor.document("full" if full else "delta"))
            self.sent += 1
            answer = await self.post.send(body, due)
            full = json.loads(answer.body).get("want") == "full"
            turn += each_s * self.chance.uniform(0.95, 1.05)

    def told(self) -> Told:
        here = [one.partition(":")[0] for one in self.sensor.reported()]
        return Told(
            sequence=self.sensor.sequence,
            counted=self.sensor.counted,
            containers=here.count("container"),
            processes=here.count("process"),
        )


async def _scan(
    images: Images, posts: Sequence[Post], names: list[str], load: Load, began: float, until: float
) -> None:
    """Scans as CI sends them, some at once."""
    free = asyncio.Queue[Post]()
    for post in posts:
        free.put_nowait(post)
    packing = zstandard.ZstdCompressor(level=3)

    async def send(post: Post, body: bytes, due: float) -> None:
        await post.send(body, due)
        free.put_nowait(post)

    turn = 0.0
    async with asyncio.TaskGroup() as group:
        while load.scans_per_minute and (due := began + turn) < until:
            await asyncio.sleep(due - time.monotonic())
            id, content = images.document()
            names.append(id)
            group.create_task(send(await free.get(), packing.compress(content), due))
            turn += 60 / load.scans_per_minute


async def _watch(running: Console, outcome: Outcome, began: float) -> None:
    while True:
        outcome.samples.append(await asyncio.to_thread(_sample, running, began))
        await asyncio.sleep(LOOK_S)


def _sample(running: Console, began: float) -> Sample:
    try:
        marks = stored.waiting(running.database)
        memory = running.memory_mib()
    except (RuntimeError, AssertionError, OSError, psycopg.Error):
        marks, memory = -1, {}
    return Sample(time.monotonic() - began, running.cpu_s(), memory, marks)


async def _restart(running: Console, outcome: Outcome, began: float) -> None:
    if outcome.load.restart_s is None:
        return
    await asyncio.sleep(began + outcome.load.restart_s - time.monotonic())
    await asyncio.to_thread(running.stop)
    await asyncio.to_thread(running.start)
    outcome.restarted_s = time.monotonic() - began


class _Entry:
    """How sensors, the scanner and people get in: by the first administrator."""

    def __init__(self, url: str, link: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(retries=False)
        link = link.rpartition("#")[2].rpartition("=")[2]
        answer = self._post("session/link", {}, {"link": link, "password": PASSWORD})
        self._name = answer.json()["name"]
        self._admin = {"Cookie": _cookie(answer), "X-CSRF-Token": answer.json()["csrf"]}
        made = self._post("tokens", self._admin, {"name": "sensors", "kind": "enrolment"})
        self._enrolment = {"Authorization": f"Bearer {made.json()['secret']}"}

    def enrol(self, number: int) -> tuple[str, str]:
        """Key and credential of one more sensor."""
        while True:
            answer = self._post("enrol", self._enrolment, {"name": f"node-{number}"}, also=429)
            if answer.status != 429:
                return answer.json()["reporter"], answer.json()["credential"]
            time.sleep(float(answer.headers["retry-after"]))

    def scanner(self) -> str:
        """A token for CI."""
        asked = {"name": "ci", "kind": "service", "permissions": ["scans:write"]}
        return str(self._post("tokens", self._admin, asked).json()["secret"])

    def cookie(self) -> str:
        """Of one more session."""
        return _cookie(self._post("session", {}, {"name": self._name, "password": PASSWORD}))

    def _post(
        self, path: str, headers: dict[str, str], asked: dict[str, Any], *, also: int = 0
    ) -> urllib3.BaseHTTPResponse:
        answer = self._pool.request("POST", f"{self._url}/{path}", headers=headers, json=asked)
        if answer.status not in (200, 201, also):
            sys.exit(f"{path}: {answer.status} {answer.data!r}")
        return answer


def _cookie(answer: urllib3.BaseHTTPResponse) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


def summary(outcome: Outcome) -> dict[str, Any]:
    """All figures of a run."""
    times = {"facts": outcome.facts_s, "scans": outcome.scans_s, **outcome.reads_s}
    times["reads"] = [one for kind, found in outcome.reads_s.items() if kind != "export" for one in found]
    cpu, documents = outcome.cpu_s(), len(outcome.facts_s) + len(outcome.scans_s)
    later, documents_later = outcome.later()
    marks = [one.marks for one in outcome.samples]
    return {
        "load": asdict(outcome.load),
        "sent": outcome.sent,
        "acknowledged": {"facts": len(outcome.facts_s), "scans": len(outcome.scans_s)},
        "differences": outcome.differences,
        "refused": len(outcome.refused),
        "lost_connections": outcome.lost_connections,
        "failed_reads": outcome.failed_reads,
        "ms": {
            kind: {"count": len(found)}
            | {f"p{share}": round(1_000 * percentile(found, share / 100), 1) for share in (50, 95, 99)}
            for kind, found in times.items()
        },
        "cpu_s": {name: round(used, 2) for name, used in cpu.items()},
        "cpu_s_per_1000_documents": {name: round(1_000 * used / documents, 2) for name, used in cpu.items()},
        "cpu_s_per_1000_documents_later": {
            name: round(1_000 * used / max(1, documents_later), 2) for name, used in later.items()
        },
        "cpu_cores": round(sum(cpu.values()) / outcome.samples[-1].at_s, 2),
        "generator_cpu_s": round(outcome.own_cpu_s, 2),
        "memory_mib_most": {
            name: round(max(one.memory_mib.get(name, 0) for one in outcome.samples), 1)
            for name in sorted({name for one in outcome.samples for name in one.memory_mib})
        },
        "marks_most": max(marks),
        "marks": [(round(one.at_s), one.marks) for one in outcome.samples],
        "derived_after_s": round(outcome.derived_after_s, 2),
    }


def table(found: dict[str, Any]) -> str:
    """The same for people."""
    lines = ["| what | how many | p50 ms | p95 ms | p99 ms |", "|---|---|---|---|---|"]
    for kind, one in found["ms"].items():
        lines.append(f"| {kind} | {one['count']} | {one['p50']:.0f} | {one['p95']:.0f} | {one['p99']:.0f} |")
    lines += ["", "| process | CPU s | CPU s for 1,000 documents | once all hosts are known | most MiB |"]
    lines.append("|---|---|---|---|---|")
    for name, used in found["cpu_s"].items():
        each, most = found["cpu_s_per_1000_documents"][name], found["memory_mib_most"].get(name, 0)
        later = found["cpu_s_per_1000_documents_later"].get(name, 0)
        lines.append(f"| {name} | {used:.1f} | {each:.2f} | {later:.2f} | {most:.0f} |")
    sent, kept = found["sent"], found["acknowledged"]
    lines += [
        "",
        f"sent {sent['facts']} facts and {sent['scans']} scans, acknowledged {kept['facts']} and {kept['scans']}",
        f"told to come again {found['refused']} times, {found['lost_connections']} connections lost",
        f"failed reads {len(found['failed_reads'])}: {', '.join(sorted(set(found['failed_reads']))[:5])}",
        f"marks at most {found['marks_most']}, all derived {found['derived_after_s']:.1f} s after the last document",
        f"the console took {found['cpu_cores']:.2f} cores; this program used {found['generator_cpu_s']:.1f} s of CPU",
        "stored as acknowledged" if not found["differences"] else "\n".join(found["differences"][:20]),
    ]
    return "\n".join(lines)


def main() -> int:
    """Prints them; exit status 1 where what is stored differs from what was acknowledged."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console_load", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--sensors", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--scans", type=float, default=50, metavar="PER_MINUTE")
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--fresh", type=float, default=0.05, help="share of traffic with peers that are new")
    parser.add_argument("--restart", type=float, metavar="SECONDS", help="restart the console after so many")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    outcome = run(
        Load(
            sensors=asked.sensors,
            seconds=60 * asked.minutes,
            scans_per_minute=asked.scans,
            people=asked.people,
            fresh=asked.fresh,
            restart_s=asked.restart,
        )
    )
    found = summary(outcome)
    print(json.dumps(found, indent=2) if asked.json else table(found))
    return 1 if outcome.differences else 0


if __name__ == "__main__":
    sys.exit(main())

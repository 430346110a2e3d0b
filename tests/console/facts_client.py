"""
A sensor that invents what it sees: documents for tests and load runs, the same for the same seed. It posts nothing.

What a host does is of ordinary size: some processes and containers that come and go, listeners, traffic from inside and
outside, loaded libraries; every tenth document or so has a listener or container more or less.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Literal

from rightshift.documents import facts
from rightshift.documents.assets import Container, Host, Image, Pod, Privileges, Process, Watch
from rightshift.documents.seen import Connection, End, File, Listener, Relation, Use

START_MS = 1_767_323_045_000
"""Where the clock of every sensor begins: 2026-01-02."""

IMAGES = (
    ("registry.example/shop/web:1.27", "nginx", "native", 8080),
    ("registry.example/shop/api:3.2", "python3.11", "python", 8000),
    ("registry.example/shop/orders:7", "java", "java", 8443),
    ("registry.example/shop/cache:7.2", "redis-server", "native", 6379),
    ("registry.example/shop/mail:1", "node", "node", 3000),
)
LIBRARIES = ("libc.so.6", "libssl.so.3", "libcrypto.so.3", "libz.so.1", "libpcre2-8.so.0", "libexpat.so.1")


class SyntheticSensor:
    """
    One host. `document()` is what it sees in the next window; `reported()` what a console knows when it has them all.

    `lose()` makes a window whose document is never delivered: the next delta shows a gap in the sequence.
    """

    def __init__(
        self,
        number: int = 0,
        *,
        containers: int = 10,
        seed: int = 0,
        pods: bool = False,
        window_ms: int = 10_000,
        host: str = "",
        start_ms: int = START_MS,
        fresh: float = 1.0,
        hosts: int = 0,
        images: Sequence[tuple[str, str, str, int]] = IMAGES,
    ) -> None:
        """
        `host` is the key that a console gave; `start_ms` where its clock begins; `fresh` the share of its traffic that
        is with peers that were not there before; `hosts` how many others there are, of which it calls some; `images`
        what its containers are of: name, program, runtime, port.
        """
        self.host = host or f"{number:032x}"
        self.id = f"host:{self.host}"
        self.epoch = _hex(f"epoch {seed} {number} {host}", 32) if host else _hex(f"epoch {seed} {number}", 32)
        self.sequence = 0
        self.counted = 0
        """Connections that all documents so far tell of."""
        self._random = random.Random(f"{seed} {number}")
        self._number = number
        self._pods = pods
        self._window_ms = window_ms
        self._start_ms = self._now_ms = start_ms
        self._fresh_share, self._hosts, self._images_here = fresh, hosts, images
        self._peers: dict[tuple[object, ...], list[tuple[Literal["in", "out"], str]]] = {}
        self._made = count()
        self._pid = count(1000)
        self._containers: dict[str, Container] = {}
        self._processes: dict[str, Process] = {}
        self._listeners: dict[tuple[object, ...], Listener] = {}
        self._fresh: list[Container | Process] = []
        self._new_listeners: list[Listener] = []
        self._ended: list[End] = []
        self._closed: list[Listener] = []
        for _ in range(8):
            self._start_process(self.id, "native", "sshd")
        for _ in range(containers):
            self._start_container()

    def document(self, kind: Literal["full", "delta"] | None = None) -> bytes:
        """The next one, encoded: full if it is the first or asked for, else what changed."""
        kind = kind or ("delta" if self.sequence else "full")
        self.sequence += 1
        before, self._now_ms = self._now_ms, self._now_ms + self._window_ms
        if self.sequence > 1:
            self._live()
        made = self._full(before) if kind == "full" else self._delta(before)
        self._fresh, self._new_listeners, self._ended, self._closed = [], [], [], []
        return facts.encode(made)

    def lose(self) -> None:
        """A window passes, and nobody will ever be told."""
        self.document()

    def restart(self) -> None:
        """The sensor begins a new epoch; the host and what runs on it stay."""
        self.epoch, self.sequence = _hex(self.epoch, 32), 0

    def reported(self) -> frozenset[str]:
        """Ids of containers, processes and the host as they are now."""
        return frozenset({self.id, *(one.id for one in (*self._containers.values(), *self._processes.values()))})

    def listening(self) -> frozenset[tuple[object, ...]]:
        """Identities of the listeners that are open now."""
        return frozenset(self._listeners)

    def _full(self, before_ms: int) -> facts.FactsDocument:
        containers = list(self._containers.values())
        uses, files = self._uses(list(self._processes.values()))
        return self._document(
            "full",
            before_ms,
            assets=(self._host(), *self._images(containers), *containers, *self._processes.values(), *self._owners()),
            relations=tuple(map(self._instance, containers)),
            listeners=tuple(self._listeners.values()),
            connections=self._traffic(len(self._listeners) * 6),
            files=files,
            uses=uses,
        )

    def _delta(self, before_ms: int) -> facts.FactsDocument:
        containers = [one for one in self._fresh if isinstance(one, Container)]
        processes = [one for one in self._fresh if isinstance(one, Process)]
        uses, files = self._uses(processes)
        return self._document(
            "delta",
            before_ms,
            assets=(*self._images(containers), *containers, *processes),
            relations=tuple(map(self._instance, containers)),
            listeners=(*self._new_listeners, *self._closed),
            connections=self._traffic(len(self._listeners) * 4),
            files=files,
            uses=uses,
            ends=tuple(self._ended),
        )

    def _document(self, kind: Literal["full", "delta"], before_ms: int, **lists: object) -> facts.FactsDocument:
        return facts.FactsDocument(
            reporter=self.host,
            epoch=self.epoch,
            sequence=self.sequence,
            kind=kind,
            tool=facts.Tool("synthetic", "1"),
            boot=_hex(f"boot {self.host}", 32),
            clock_ms=self._now_ms,
            from_ms=before_ms,
            to_ms=self._now_ms,
            probes=(
                facts.Probe(name="processes", state="events", method="tracepoint", since_ms=self._start_ms),
                facts.Probe(name="flows", state="events", method="inet_sock_set_state", since_ms=self._start_ms),
                facts.Probe(name="files", state="events", method="mmap2", since_ms=self._start_ms),
                facts.Probe(name="names", state="off", why="not allowed to open packet sockets"),
            ),
            **lists,  # type: ignore[arg-type]
        )

    def _live(self) -> None:
        """What happens in one window."""
        chance = self._random
        for key in chance.sample(sorted(self._processes), k=min(2, len(self._processes))):
            parent = self._processes[key].parent or self.id
            if key not in {one.of for one in self._listeners.values()}:
                self._end_process(key)
                self._start_process(parent, "native", "worker")
        if chance.random() < 0.1 and self._containers:
            self._end_container(chance.choice(sorted(self._containers)))
            self._start_container()

    def _start_container(self) -> None:
        number = next(self._made)
        image, program, runtime, port = self._images_here[number % len(self._images_here)]
        key = _hex(f"container {self.host} {number}", 64)
        made = Container(
            key=key,
            parent=f"pod:{_hex(key, 32)}" if self._pods else self.id,
            name=f"{program}-{number}",
            created_ms=self._now_ms,
            runtime="containerd" if self._pods else "docker",
            state="running",
            image=image,
            addresses=(f"172.17.{number // 250 % 256}.{number % 250 + 2}",),
            network=4_026_532_000 + number,
            privileges=Privileges(
                privileged=False, user=0, capabilities=0xA80425FB, host_namespaces=(), mounts=(), read_only_root=False
            ),
        )
        self._containers[key] = made
        self._fresh.append(made)
        first = self._start_process(made.id, runtime, program)
        self._start_process(made.id, runtime, program)
        self._listen(first, port)

    def _start_process(self, parent: str, runtime: str, program: str) -> Process:
        pid = next(self._pid)
        made = Process(
            key=f"{pid}-{(self._now_ms - self._start_ms) // 10 + pid}",
            parent=parent,
            name=program[:15],
            created_ms=self._now_ms,
            exe=f"/usr/bin/{program}",
            uid=0 if pid % 3 else 101,
            capabilities=0xA80425FB if pid % 3 else 0,
            network=4_026_531_840,
            runtime=runtime,
            watch=Watch(since_ms=self._now_ms, from_start=True, complete=runtime != "node"),
        )
        self._processes[made.id] = made
        self._fresh.append(made)
        return made

    def _listen(self, process: Process, port: int) -> None:
        made = Listener(
            of=process.id, protocol="tcp", address="0.0.0.0", port=port, how="events", first_ms=self._now_ms
        )
        self._listeners[made.identity] = made
        self._new_listeners.append(made)

    def _end_process(self, key: str) -> None:
        del self._processes[key]
        self._ended.append(End(key, self._now_ms))
        for identity, one in list(self._listeners.items()):
            if one.of == key:
                del self._listeners[identity]
                self._peers.pop(identity, None)
                self._closed.append(
                    Listener(
                        of=one.of,
                        protocol=one.protocol,
                        address=one.address,
                        port=one.port,
                        how=one.how,
                        first_ms=one.first_ms,
                        ended_ms=self._now_ms,
                    )
                )

    def _end_container(self, key: str) -> None:
        gone = self._containers.pop(key)
        self._ended.append(End(gone.id, self._now_ms))
        for process in [one.id for one in self._processes.values() if one.parent == gone.id]:
            self._end_process(process)

    def _host(self) -> Host:
        return Host(
            key=self.host,
            name=f"node-{self._number}.example",
            created_ms=self._start_ms - 86_400_000,
            machine_id=_hex(f"machine {self.host}", 32),
            os="debian",
            os_version="12",
            kernel="6.1.0-18-amd64",
            architecture="x86_64",
            state="running",
            addresses=(_address(self._number),),
        )

    def _owners(self) -> tuple[Pod, ...]:
        if not self._pods:
            return ()
        return tuple(
            Pod(key=_hex(one.key, 32), parent=None, name=f"{one.name}-pod", phase="Running", addresses=one.addresses)
            for one in self._containers.values()
        )

    def _images(self, containers: list[Container]) -> tuple[Image, ...]:
        names = sorted({one.image for one in containers})
        return tuple(Image(key=image_key(name), names=(name,), os="linux", architecture="amd64") for name in names)

    def _instance(self, container: Container) -> Relation:
        return Relation(
            kind="instance-of",
            from_=container.id,
            to=f"image:{image_key(container.image)}",
            how="snapshot",
            first_ms=container.created_ms,
            last_ms=self._now_ms,
        )

    def _traffic(self, number: int) -> tuple[Connection, ...]:
        """Some in from outside, more of it between containers; the peers of one window are distinct."""
        chance = self._random
        listeners = list(self._listeners.values())
        made: dict[tuple[object, ...], Connection] = {}
        for _ in range(number if listeners else 0):
            listener = chance.choice(listeners)
            direction, remote = self._peer(listener)
            one = Connection(
                of=listener.of,
                protocol="tcp",
                direction=direction,
                local=f"172.17.0.{listener.port % 250 + 2}",
                remote=remote,
                port=listener.port if direction == "in" else 443,
                how="events",
                first_ms=self._now_ms - chance.randrange(self._window_ms),
                last_ms=self._now_ms,
                count=chance.randrange(1, 40),
                sent_bytes=chance.randrange(1_000_000),
                received_bytes=chance.randrange(100_000),
            )
            made[one.identity] = one
        self.counted += sum(one.count for one in made.values())
        return tuple(made.values())

    def _peer(self, listener: Listener) -> tuple[Literal["in", "out"], str]:
        """Whom the process of a listener speaks with: mostly whom it spoke with before."""
        chance, known = self._random, self._peers.setdefault(listener.identity, [])
        if known and self._fresh_share < 1 and chance.random() >= self._fresh_share:
            return chance.choice(known)
        found: tuple[Literal["in", "out"], str]
        if chance.random() < 0.2:
            found = "in", f"11.22.{chance.randrange(4)}.{chance.randrange(250)}"
        elif self._hosts and chance.random() < 0.25:
            found = "out", _address(chance.randrange(self._hosts))
        else:
            found = "in", f"172.17.0.{chance.randrange(250)}"
        known.append(found)
        return found

    def _uses(self, processes: list[Process]) -> tuple[tuple[Use, ...], tuple[File, ...]]:
        """Each process maps its binary and the libraries; the files of one container are those of its image."""
        places: dict[File, int] = {}
        uses = []
        for process in processes:
            device = 45 + sum(map(ord, (process.parent or "")[-8:])) % 100
            files = [File(process.exe, device, 100)] + [
                File(f"/usr/lib/x86_64-linux-gnu/{name}", device, 200 + at) for at, name in enumerate(LIBRARIES)
            ]
            uses.append(
                Use(
                    of=process.id,
                    level="executing",
                    how="mapping",
                    files=tuple(places.setdefault(file, len(places)) for file in files),
                    first_ms=process.created_ms,
                    last_ms=self._now_ms,
                )
            )
        return tuple(uses), tuple(places)


def stream(number: int = 0, *, full_every: int = 60, containers: int = 10, seed: int = 0) -> Iterator[bytes]:
    """The documents of one host, without end: a full one first and then each so many, deltas between."""
    sensor = SyntheticSensor(number, containers=containers, seed=seed)
    while True:
        yield sensor.document("delta" if sensor.sequence % full_every else "full")


def _address(number: int) -> str:
    """Of a host."""
    return f"10.{number // 250 % 256}.0.{number % 250 + 1}"


def _hex(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def image_key(name: str) -> str:
    """Of an image of this name: the digest of its configuration."""
    return f"sha256:{_hex(name, 64)}"

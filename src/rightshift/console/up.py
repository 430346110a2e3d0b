"""`rightshift up`: the database, then the console's processes, each a program, kept running until the stop."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rightshift.config import Config
from rightshift.console import kept
from rightshift.errors import RightshiftError, UsageError

if TYPE_CHECKING:
    from rightshift.console.postgres.cluster import Server
    from rightshift.console.tls import Files

ADDRESS = "127.0.0.1:8420"
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""What stands for all addresses, and the one of them by which this machine reaches itself."""
STOP_S = 6.0
"""For processes, before they are ended by force; the database has its own time after that, all within 10 s."""
_DATABASE_STOP_S = 3.0
_READY_S = 60.0
_QUICK_S = 10.0
"""A process that ran for less than this before it died is started again later and later."""
_SLOWEST_S = 10.0
_RENEW_S = 86_400.0
_LOG = logging.getLogger("rightshift.up")


class UpError(RightshiftError):
    """The console can't be started, or did not stay up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where the API is reached. Anywhere else than on this machine only with TLS."""

    host: str
    port: int

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def url(self) -> str:
        """For people."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'' if self.local else 's'}://{name}:{self.port}"


def listen(text: str) -> Listen:
    """
    Reads `HOST:PORT`, `[ADDRESS]:PORT`, `:PORT` (all addresses) or `PORT`.

    Raises: UsageError.
    """
    host, colon, port = text.rpartition(":")
    if not port.isascii() or not port.isdecimal() or len(port) > 5 or int(port) > 65_535:
        raise UsageError(f"{text!a} names no port to listen on", do=f"Write HOST:PORT, as in {ADDRESS}")
    host = host.removeprefix("[").removesuffix("]")
    return Listen(host=host or ("0.0.0.0" if colon else "127.0.0.1"), port=int(port))  # noqa: S104  # asked for


def bound(where: Listen) -> socket.socket:
    """
    A socket that listens there; the processes inherit it, so that none of them has to have the port for itself.

    Raises: UpError, as when another program has the port.
    """
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(
            where.host, where.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        with contextlib.ExitStack() as opened:
            made = opened.enter_context(socket.socket(family, kind, protocol))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
            made.listen(2_048)
            made.set_inheritable(True)
            opened.pop_all()
    except OSError as error:
        raise UpError(
            f"{where.host}:{where.port} can't be listened on: {error.strerror}",
            do="End what has that port, or choose another with --listen",
        ) from error
    return made


@dataclass(slots=True)
class Program:
    """One of the console's processes. It is started again when it ends before the stop."""

    name: str
    words: tuple[str, ...]
    environ: Mapping[str, str]
    pass_fds: tuple[int, ...] = ()
    process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        """Runs until it is cancelled."""
        pause_s = 0.5
        while True:
            began = time.monotonic()
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self.words,
                kept.word(),
                env=dict(self.environ),
                pass_fds=self.pass_fds,
                start_new_session=True,
            )
            code = await self.process.wait()
            quick = time.monotonic() - began < _QUICK_S
            pause_s = min(pause_s * 2, _SLOWEST_S) if quick else 0.5
            _LOG.error("a process ended", extra={"ended": self.name, "code": code, "again_s": pause_s})
            await asyncio.sleep(pause_s)

    async def stop(self, timeout_s: float) -> None:
        """Asks it to end, and ends it by force when it does not."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            _LOG.error("a process did not end in time", extra={"ended": self.name})
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@dataclass(slots=True)
class Database:
    """The embedded server. It is started again when it ended by itself, as one does whose disk was full."""

    begin: "Callable[[], Server]"
    server: "Server | None" = None

    @property
    def url(self) -> str:
        """The same after each start."""
        assert self.server
        return self.server.url()

    async def start(self) -> None:
        """Raises: PostgresError."""
        self.server = await asyncio.to_thread(self.begin)

    def stop(self) -> None:
        """Whether it runs or not."""
        if self.server:
            self.server.stop(_DATABASE_STOP_S)

    async def keep(self) -> None:
        """Until it is cancelled."""
        pause_s = 1.0
        while True:
            await asyncio.sleep(pause_s)
            if self.server and self.server.exit_code() is None:
                pause_s = 1.0
                continue
            _LOG.error("the database ended by itself, and is started again")
            try:
                await asyncio.to_thread(self.stop)
                await self.start()
            except RightshiftError as error:
                pause_s = min(2 * pause_s, _SLOWEST_S)
                _LOG.error("the database can't be started", extra={"error": str(error)})


@dataclass(slots=True, kw_only=True)
class Up:
    """A console of this machine. What its processes write of themselves goes to standard error."""

    config: Config
    where: Listen
    ready: Callable[["Ready"], None]
    certificate: Path | None = None
    key: Path | None = None
    look_at_this_machine: bool = True
    pin: str = ""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    async def run(self) -> None:
        """
        Starts everything, tells that it is ready, and returns after the stop signal when all has ended.

        Raises: UpError, TlsError, PostgresError when it can't be started.
        """
        from rightshift.console.postgres import cluster, find

        if not self.where.local and not self.certificate:
            files = certified(self.config, self.where)
            self.certificate, self.key, self.pin = files.certificate, files.key, files.pin
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        with contextlib.ExitStack() as opened:
            sock = opened.enter_context(bound(self.where))
            if self.config.database_url:
                return await self._run(self.config.database_url, sock, stopping)
            binaries = find.find(self.config.postgres)
            database = Database(lambda: cluster.start(self.config.home, binaries))
            await database.start()
            opened.callback(database.stop)
            keeping = asyncio.create_task(database.keep())
            try:
                await self._run(database.url, sock, stopping)
            finally:
                keeping.cancel()

    async def _run(self, url: str, sock: socket.socket, stopping: asyncio.Event) -> None:
        link = await prepared(self._environ(url), *(() if self.config.database_url else ("--embedded",)))
        programs = self._programs(url, sock)
        tasks = [asyncio.create_task(one.keep()) for one in programs]
        if self.pin:
            tasks.append(asyncio.create_task(self._renew()))
        try:
            if await self._answers(stopping):
                self.ready(Ready(url=self.where.url, link=link, looks=self.look_at_this_machine, pin=self.pin))
            await stopping.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*(one.stop(STOP_S) for one in programs))

    async def _renew(self) -> None:
        """Makes the certificate of our own CA anew before its end; the API takes it up from its file."""
        while True:
            await asyncio.sleep(_RENEW_S)
            try:
                await asyncio.to_thread(certified, self.config, self.where)
            except RightshiftError as error:
                _LOG.error("the certificate can't be renewed", extra={"error": str(error)})

    def _environ(self, url: str) -> dict[str, str]:
        return {**self.environ, "RIGHTSHIFT_HOME": str(self.config.home), "RIGHTSHIFT_DATABASE_URL": url}

    def _programs(self, url: str, sock: socket.socket) -> list[Program]:
        environ = self._environ(url)
        tls = (str(self.certificate), str(self.key)) if self.certificate and self.key else ()
        embedded = () if self.config.database_url else ("--embedded",)
        look = ("--look",) if self.look_at_this_machine else ()
        api = ("rightshift.console.app", str(sock.fileno()), self.where.host, *tls, *embedded)
        worker = ("rightshift.console.worker", *embedded, *look)
        return [
            Program("api", api, environ, pass_fds=(sock.fileno(),)),
            Program("deriving", ("rightshift.console.deriving",), environ),
            Program("worker", worker, environ),
        ]

    async def _answers(self, stopping: asyncio.Event) -> bool:
        """Whether the API answered before the stop. Raises: UpError when it takes too long."""
        host = EVERY_ADDRESS.get(self.where.host, self.where.host)
        until = time.monotonic() + _READY_S
        while not stopping.is_set():
            if await _healthy(host, self.where.port, tls=self.certificate is not None):
                return True
            if time.monotonic() > until:
                raise UpError("The API does not answer", do="Look at what its processes wrote above")
            await asyncio.sleep(0.05)
        return False


def certified(config: Config, where: Listen) -> "Files":
    """A certificate of our own CA: plain HTTP is for this machine alone. Raises: TlsError."""
    from datetime import UTC, datetime

    from rightshift.console import tls

    own = [] if where.host in EVERY_ADDRESS else [where.host]
    names = list(dict.fromkeys([*own, *config.hosts, socket.gethostname(), "localhost", "127.0.0.1"]))
    return tls.ensure(config.home, names, datetime.now(UTC))


async def prepared(environ: Mapping[str, str], *words: str) -> str | None:
    """Schema and keys are there; the first administrator's link, as long as nobody signed in. Raises: UpError."""
    import json

    command = (sys.executable, "-m", "rightshift.console.prepare", *words)
    process = await asyncio.create_subprocess_exec(
        *command, env=dict(environ), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    content, _ = await process.communicate()
    try:
        said = json.loads(content)
    except ValueError as error:
        raise UpError("The database can't be prepared", do="Look at what was written above") from error
    if what := said.get("error"):
        raise UpError(what[0], means=what[1], do=what[2])
    return str(said["link"]) if said["link"] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What people need to know once it is up. `link` signs the first administrator in, once."""

    url: str
    link: str | None
    looks: bool = False
    """Whether this machine is scanned."""
    pin: str = ""
    """Of our own certificate's key; empty in plain HTTP and with a certificate of somebody else's."""


async def _healthy(host: str, port: int, *, tls: bool) -> bool:
    """Asks for readiness by hand: loading a client would take longer than the answer."""
    import ssl

    context = None
    if tls:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only asks whether something answers
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=context), 5)
        try:
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
        finally:
            writer.close()
    except (OSError, TimeoutError):
        return False

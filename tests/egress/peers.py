"""Servers on loopback that answer as a test says, well or badly."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

from tests.shared import shared

TIMEOUT_S = 20


@dataclass(frozen=True)
class Asked:
    """A request as it came. Names of headers are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[[Asked, socket.socket], bytes | None]
"""The bytes to send, headers and all; None when the answer was sent by itself and the connection is to end."""


@dataclass
class Peer:
    """A running server: its port, and all that it was asked."""

    port: int
    scheme: str
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A sound answer; underscores in names of headers are hyphens."""
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def peer(answer: Answer, tls: SSLContext | None = None) -> Iterator[Peer]:
    """Runs until the block ends, and ends all its connections then."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        listening.settimeout(0.05)
        made = Peer(listening.getsockname()[1], "https" if tls else "http")
        ended = threading.Event()
        threads: list[threading.Thread] = []

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                made.connections += 1
                threads.append(threading.Thread(target=_serve, args=(connection, answer, made, tls, ended)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield made
        finally:
            ended.set()
            accepting.join(TIMEOUT_S)
            for thread in threads:
                thread.join(TIMEOUT_S)


def _serve(raw: socket.socket, answer: Answer, made: Peer, tls: SSLContext | None, ended: threading.Event) -> None:
    raw.settimeout(TIMEOUT_S)
    with raw:
        try:
            connection = tls.wrap_socket(raw, server_side=True) if tls else raw
        except OSError:
            return
        with connection:
            try:
                while not ended.is_set() and (asked := _request(connection, ended)):
                    made.asked.append(asked)
                    content = answer(asked, connection)
                    if content is None:
                        return
                    connection.sendall(content)
            except OSError:
                return


def _request(connection: socket.socket, ended: threading.Event) -> Asked | None:
    received = b""
    connection.settimeout(0.1)
    while b"\r\n\r\n" not in received:
        try:
            chunk = connection.recv(65536)
        except TimeoutError:
            if ended.is_set():
                return None
            continue
        if not chunk:
            return None
        received += chunk
    connection.settimeout(TIMEOUT_S)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Asked(method, path, headers, body)


@contextmanager
def hostile_peer() -> Iterator[str]:
    """The address of the data set's own server, which misbehaves as the path says; skips where there is none."""
    program = shared("tools/hostile_peer.py")
    with subprocess.Popen([sys.executable, str(program), "--port", "0"], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        port = running.stdout.readline().split()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(10)

"""What several images of one command share: open connections, and what is known of hosts and of this machine."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from rightshift.source.registries import mirrors
from rightshift.source.registries.mirrors import Registry

if TYPE_CHECKING:
    from rightshift.egress.client import Client, Settings


class Connections:
    """Several threads may use it at once. Whoever made it closes it when no image of it is read any more."""

    def __init__(self) -> None:
        self.schemes: dict[str, str] = {}
        """`http` or `https` by host and port, for those that may be asked without TLS and were."""
        self._clients: dict[Settings, Client] = {}
        self._said: dict[tuple[Path, ...], tuple[Registry, ...]] = {}
        self._lock = Lock()

    def client(self, settings: "Settings") -> "Client":
        """The one that obeys these settings; it is not the caller's to close."""
        from rightshift.egress.client import Client

        with self._lock:
            if settings not in self._clients:
                self._clients[settings] = Client(settings)
            return self._clients[settings]

    def registries(self, files: Sequence[Path]) -> tuple[Registry, ...]:
        """What files of registries.conf said when they were first asked for. Raises: SourceError."""
        with self._lock:
            if (key := tuple(files)) not in self._said:
                self._said[key] = mirrors.read(files)
            return self._said[key]

    def close(self) -> None:
        """Ends all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

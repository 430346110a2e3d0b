"""What can go wrong with the server itself. What it answers to a statement: psycopg's errors."""

from rightshift.errors import RightshiftError


class PostgresError(RightshiftError):
    """There is no server, it can't be started, or what it keeps can't be read or written."""


class NoBinaries(PostgresError):
    """Nowhere on this machine is a PostgreSQL that can be started."""


class AlreadyRunning(PostgresError):
    """Another process keeps the folder. `pid` is that process, 0 where it is not known."""

    def __init__(self, what: str, *, pid: int, means: str = "", do: str = "") -> None:
        super().__init__(what, means=means, do=do)
        self.pid = pid

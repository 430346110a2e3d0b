"""One of the console's processes by itself, which is what replicas are made of. All of them on one machine: `up`."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, get_args

from rightshift.config import Config
from rightshift.console.up import Listen, Ready, bound, certified, prepared
from rightshift.errors import UsageError

Part = Literal["api", "worker", "deriving"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """
    A process that this one becomes: it has the same id, and whoever started it hears how it ends and starts it again.

    `ready` is told before an API answers: ask its /readyz.
    """

    config: Config
    where: Listen
    ready: Callable[[Ready], None]
    certificate: Path | None = None
    key: Path | None = None

    def become(self, part: Part) -> NoReturn:
        """
        Brings the database to this version's schema, one process at a time, and then is that process.

        Raises: UsageError; UpError, TlsError when it can't be.
        """
        if not self.config.database_url:
            raise UsageError(
                "One process alone needs the database of all",
                do="Set RIGHTSHIFT_DATABASE_URL, or leave --only out for a console with a database of its own",
            )
        environ = {**os.environ, "RIGHTSHIFT_HOME": str(self.config.home)}
        if part != "api":
            asyncio.run(prepared(environ, "--no-link"))
            _become(environ, f"rightshift.console.{part}")
        certificate, key, pin = self.certificate, self.key, ""
        if not self.where.local and not certificate:
            files = certified(self.config, self.where)
            certificate, key, pin = files.certificate, files.key, files.pin
        with ExitStack() as opened:
            sock = opened.enter_context(bound(self.where))
            link = asyncio.run(prepared(environ))
            self.ready(Ready(url=self.where.url, link=link, pin=pin))
            tls = (str(certificate), str(key)) if certificate and key else ()
            _become(environ, "rightshift.console.app", str(sock.fileno()), self.where.host, *tls, "--follow")


def _become(environ: dict[str, str], *words: str) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", *words], environ)  # noqa: S606  # there is nothing for a shell

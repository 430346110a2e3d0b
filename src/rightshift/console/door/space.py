"""Refuses documents while the embedded database's disk is nearly full; whatever else is asked goes on."""

from dataclasses import dataclass
from pathlib import Path

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from rightshift.console.disk import nearly_full
from rightshift.console.door.problems import refuse

AGAIN_S = 30
WHAT = (
    "The disk of the console is nearly full, and nothing was stored: send it again later. Whoever looks after the "
    "console makes space where RIGHTSHIFT_HOME lies"
)


@dataclass(frozen=True, slots=True)
class Space:
    """Answers 507 with Retry-After; nothing was read by then."""

    app: ASGIApp
    folder: Path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] == ScopeType.HTTP and "/ingest/" in scope["path"] and nearly_full(self.folder):
            return await refuse(scope, receive, send, 507, WHAT, {"retry-after": str(AGAIN_S)})
        return await self.app(scope, receive, send)

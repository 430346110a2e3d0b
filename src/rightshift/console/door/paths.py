"""What a path may be: text without characters that no name has. Which route it leads to is Litestar's."""

from dataclasses import dataclass

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from rightshift.console.door.problems import refuse

_LAST_CONTROL = "\x1f"


@dataclass(frozen=True, slots=True)
class Paths:
    """Answers 404 for what has control characters, also written with `%`: the database can't even be asked for NUL."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] == ScopeType.HTTP and min(scope["path"], default="/") <= _LAST_CONTROL:
            return await refuse(scope, receive, send, 404, "There is nothing under that path")
        return await self.app(scope, receive, send)

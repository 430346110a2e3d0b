"""Under which names this console answers, so that a page of another site can't have its name point here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from rightshift.console.door.problems import refuse

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,255})(?::[0-9]{1,5})?").fullmatch
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
_EVERY = frozenset({"0.0.0.0", "::"})  # noqa: S104  # compared with, not listened on


@dataclass(frozen=True, slots=True)
class Hosts:
    """`names` are those that the `Host` header may have, without port, in lower case; see `names`."""

    app: ASGIApp
    names: frozenset[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """
        Answers 421 for any other name, and 400 for none or several.

        Source: RFC 9110, section 7.4 (421); RFC 9112, section 3.2 (400).
        """
        if scope["type"] != ScopeType.HTTP:
            return await self.app(scope, receive, send)
        found = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        match = _HOST(found[0]) if len(found) == 1 else None
        if match is None:
            return await refuse(scope, receive, send, 400, "There must be one valid Host header")
        if match["name"].lower().rstrip(".") not in self.names:
            return await refuse(scope, receive, send, 421, "This console does not answer under that name")
        return await self.app(scope, receive, send)


def names(listen: str, configured: Iterable[str]) -> frozenset[str]:
    """Those of this machine, the one that it listens on unless that is every address, and the configured ones."""
    more = {name.strip().lower() for name in configured}
    if listen and listen not in _EVERY:
        more.add(f"[{listen}]" if ":" in listen else listen.lower())
    return LOCAL | more

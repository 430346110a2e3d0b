"""What every answer carries, whatever gave it: its id, and what a browser may do with it."""

import time
from dataclasses import dataclass
from secrets import token_hex

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from rightshift.console.door.measured import Measured

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
}
"""Source: OWASP Secure Headers Project; CSP Level 3."""
HSTS = "max-age=63072000; includeSubDomains"


@dataclass(frozen=True, slots=True)
class Headers:
    """Adds the headers, gives the request its id and measures it. `tls` also asks browsers to come by TLS only."""

    app: ASGIApp
    measured: Measured
    tls: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI says."""
        if scope["type"] != ScopeType.HTTP:
            return await self.app(scope, receive, send)
        request_id = token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableScopeHeaders(message)
                for name, value in ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if self.tls:
                    headers["Strict-Transport-Security"] = HSTS
                headers["X-Request-Id"] = request_id
                self.measured.answered(scope, message["status"], time.perf_counter() - began)
            await send(message)

        return await self.app(scope, receive, with_headers)

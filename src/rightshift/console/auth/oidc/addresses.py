"""Addresses of this console in a sign-in: where the provider sends people back, and where they go on then."""

from typing import Any
from urllib.parse import unquote

from litestar.connection import ASGIConnection

from rightshift.console.store.read.identity_providers import Provider

_MOST_CHARS = 2_000
_ENCODED_DEPTH = 4
"""How often something may be encoded over and over before it is no address of ours."""
HOME = "/"


def console(connection: ASGIConnection[Any, Any, Any, Any], provider: Provider) -> str:
    """Scheme and host by which the browser reaches us: as set, else as it asks, under a name that `door` let pass."""
    return provider.about.console or f"{connection.scope['scheme']}://{connection.headers.get('host', '')}"


def redirect_uri(connection: ASGIConnection[Any, Any, Any, Any], provider: Provider) -> str:
    """One for each provider, so that the answer of one is never taken for another's. Source: RFC 9700, 4.4.2.2."""
    return f"{console(connection, provider)}/api/v1/session/providers/{provider.name}/callback"


def return_to(asked: str) -> str:
    """
    Where a browser goes after its sign-in: the path that was asked for where it certainly lies on this site, else `/`.

    Browsers read `//host`, `/\\host` and such with tabs and line ends in them as another site; so what is encoded is
    judged decoded too. Source: WHATWG URL Standard, "URL parsing".
    """
    text = asked
    if len(asked) > _MOST_CHARS or not asked.isascii():
        return HOME
    for _ in range(_ENCODED_DEPTH):
        if not _ours(text):
            return HOME
        text, before = unquote(text), text
        if text == before:
            return asked
    return HOME


def _ours(text: str) -> bool:
    path = text.partition("?")[0].partition("#")[0]
    seen = all(character.isprintable() for character in text)
    return seen and path.startswith("/") and "//" not in path and "\\" not in path

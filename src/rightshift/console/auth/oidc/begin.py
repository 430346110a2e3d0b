"""A sign-in that goes to a provider: what the browser keeps, what is kept here, and where it is sent."""

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode

from litestar.datastructures import Cookie

from rightshift.console.auth.oidc.discovery import Metadata
from rightshift.console.auth.secrets import hashed
from rightshift.console.store import subjects
from rightshift.console.store.pool import Connection
from rightshift.console.store.read.identity_providers import Provider
from rightshift.console.store.subjects import Flow

TIME = timedelta(minutes=10)
COOKIE = "__Host-rightshift-provider"
LOCAL_COOKIE = "rightshift-provider"
"""Over plain HTTP, as that of a session."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the secret of its cookie."""

    url: str
    browser: str = field(repr=False)


async def begin(
    connection: Connection,
    provider: Provider,
    metadata: Metadata,
    redirect_uri: str,
    return_to: str,
    address: str,
    now: datetime,
) -> Begun:
    """
    A sign-in under way, for ten minutes.

    Source: OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, section 4.3; RFC 9700, section 2.1.
    """
    state, browser = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    flow = Flow(
        state=hashed(state),
        browser=hashed(browser),
        provider=provider.name,
        version=provider.version,
        redirect_uri=redirect_uri,
        return_to=return_to,
        address=address,
        expires=now + TIME,
    )
    async with connection.transaction():
        await subjects.add_flow(connection, flow, now)
    asked = {
        "response_type": "code",
        "client_id": provider.about.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.about.scopes),
        "state": state,
        "nonce": nonce(browser),
        "code_challenge": _text(sha256(verifier(browser).encode()).digest()),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return Begun(metadata.authorization_endpoint + joint + urlencode(asked), browser)


def nonce(browser: str) -> str:
    """256 bits that follow from the browser's secret; so whoever has another cookie can't come back."""
    return _derived(browser, b"nonce")


def verifier(browser: str) -> str:
    """As `nonce`. Source: RFC 7636, section 4.1."""
    return _derived(browser, b"verifier")


def cookie(secret: str, *, tls: bool) -> Cookie:
    """Lax, since the provider's site sends the browser back."""
    return Cookie(
        key=COOKIE if tls else LOCAL_COOKIE,
        value=secret,
        path="/",
        httponly=True,
        secure=tls,
        samesite="lax",
        max_age=int(TIME.total_seconds()) if secret else 0,
    )


def _derived(browser: str, what: bytes) -> str:
    return _text(hmac.digest(browser.encode(), what, "sha256"))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

"""A code in exchange for an ID token, asked of the provider by this console itself. What the token says: `id_token`."""

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode

import msgspec

from rightshift.console.auth.oidc import discovery
from rightshift.console.auth.oidc.discovery import Metadata
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.egress.message import Answer, Flow, Request

_CODE = re.compile(r"[a-z_]{1,40}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who we are to the provider."""

    id: str
    secret: str = field(repr=False)


class _Tokens(msgspec.Struct, frozen=True):
    """Source: OpenID Connect Core 1.0, section 3.1.3.3. The access token is not used."""

    id_token: str
    token_type: str


class _Error(msgspec.Struct, frozen=True):
    error: str = ""


def exchange(metadata: Metadata, client: Client, code: str, verifier: str, redirect_uri: str) -> Flow[str]:
    """
    The ID token, of which nothing is known yet but where it came from.

    Source: RFC 6749, sections 2.3.1 and 4.1.3; RFC 7636, section 4.5; OpenID Connect Core 1.0, section 9.
    Raises: RefusedError.
    """
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    methods = metadata.token_endpoint_auth_methods_supported or ["client_secret_basic"]
    if "client_secret_basic" in methods:
        pair = f"{quote_plus(client.id)}:{quote_plus(client.secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    elif "client_secret_post" in methods:
        form |= {"client_id": client.id, "client_secret": client.secret}
    else:
        raise RefusedError("provider", why="it takes no client secret")
    body = urlencode(form).encode()
    answer = yield Request(method="POST", url=metadata.token_endpoint, headers=headers, body=body, tries=1)
    if answer.status in (400, 401):
        raise RefusedError("code", why=_error(answer))
    found = discovery.read(answer, _Tokens)
    if found.token_type.lower() != "bearer":
        raise RefusedError("provider", why="a token of another type")
    return found.id_token


def _error(answer: Answer) -> str:
    try:
        said = msgspec.json.decode(answer.body, type=_Error).error
    except (msgspec.MsgspecError, RecursionError, ValueError):
        said = ""
    return said if _CODE(said) else "an error without a name"

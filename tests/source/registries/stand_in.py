"""A registry on loopback that serves images from memory and misbehaves as a test says."""

import base64
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from urllib.parse import parse_qs, urlsplit

from tests.egress.peers import Asked, Peer, peer, reply
from tests.source import images
from tests.source.images import Blobs

BASIC = "Basic " + base64.b64encode(b"ann:s3cret").decode()
Fault = Callable[[Asked, socket.socket, bytes], bytes | None]
"""Given a blob's bytes: the answer instead of the usual one."""


@dataclass
class Registry:
    """What is served. `auth` is how: openly, by password or by token from its own realm."""

    images: Blobs
    tags: dict[str, str]
    auth: str = ""
    fault: Fault | None = None
    store: Peer | None = None
    realm: str = ""
    tokens: list[str] = field(default_factory=list)
    manifest_answer: bytes = b""
    """Sent instead of every manifest."""
    token_answer: bytes = b""
    peer: Peer | None = None

    def answer(self, asked: Asked, connection: socket.socket) -> bytes | None:
        path = urlsplit(asked.path).path
        if path == "/token":
            return self._token(asked)
        if not self._may(asked):
            return reply(401, WWW_Authenticate=self._challenge())
        _, _, rest = path.partition("/v2/")
        name, _, reference = rest.rpartition("/")
        if name.endswith("/manifests"):
            return self._manifest(reference)
        if name.endswith("/blobs") and reference in self.images.content:
            return self._blob(asked, connection, self.images.content[reference])
        return reply(200 if not rest else 404, b'{"errors":[{"code":"UNKNOWN","message":"not known"}]}')

    def asked(self, part: str) -> list[Asked]:
        """Requests whose path has that in it."""
        assert self.peer is not None
        return [asked for asked in self.peer.asked if part in asked.path]

    def _manifest(self, reference: str) -> bytes:
        if self.manifest_answer:
            return self.manifest_answer
        content = self.images.content.get(self.tags.get(reference, reference))
        if content is None:
            return reply(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
        kind = json.loads(content).get("mediaType", "")
        return reply(200, content, Content_Type=kind, Docker_Content_Digest=images.digest(content))

    def _blob(self, asked: Asked, connection: socket.socket, content: bytes) -> bytes | None:
        if self.fault and (len(content) > 1000 or b"architecture" not in content):
            return self.fault(asked, connection, content)
        if self.store:
            return reply(307, Location=self.store.url(f"/{images.digest(content)}?X-Signature=hidden"))
        return served(asked, content)

    def _may(self, asked: Asked) -> bool:
        sent = asked.headers.get("authorization", "")
        if self.auth == "basic":
            return sent == BASIC
        return not self.auth or (bool(self.tokens) and sent == f"Bearer {self.tokens[-1]}")

    def _challenge(self) -> str:
        if self.auth == "basic":
            return 'Basic realm="here"'
        assert self.peer is not None
        realm = self.realm or self.peer.url("/token")
        return f'Bearer realm="{realm}",service="registry",scope="repository:team/app:pull"'

    def _token(self, asked: Asked) -> bytes:
        if self.token_answer:
            return self.token_answer
        query = parse_qs(urlsplit(asked.path).query or asked.body.decode())
        if query["scope"] != ["repository:team/app:pull"] or query["service"] != ["registry"]:
            return reply(400)
        proved = asked.headers.get("authorization") == BASIC or query.get("refresh_token") == ["identity"]
        if self.auth == "token" and not proved:
            return reply(401)
        self.tokens.append(f"token-{len(self.tokens)}")
        return reply(200, json.dumps({"token": self.tokens[-1], "expires_in": 300}).encode())


def served(asked: Asked, content: bytes) -> bytes:
    """A blob, or its end from where it was asked for."""
    wanted = asked.headers.get("range", "")
    if not wanted:
        return reply(200, content)
    at = int(wanted.removeprefix("bytes=").removesuffix("-"))
    return reply(206, content[at:], Content_Range=f"bytes {at}-{len(content) - 1}/{len(content)}")


@contextmanager
def registry(made: Blobs, tls: SSLContext | None = None, **settings: object) -> Iterator[Registry]:
    """A running registry that knows one image as team/app:1."""
    serving = Registry(made, {"1": made.manifest["digest"]}, **settings)  # type: ignore[arg-type]
    with peer(serving.answer, tls) as running:
        serving.peer = running
        yield serving

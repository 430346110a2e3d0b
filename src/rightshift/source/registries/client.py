"""Asks a registry for manifests, configs and blobs. Which registry: `mirrors.py`; as whom: `credentials.py`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from rightshift.egress.address import origin
from rightshift.egress.client import Client, Interrupted, Stream
from rightshift.egress.flows import registry_token
from rightshift.egress.flows.credential import Credential
from rightshift.egress.flows.registry_token import TOKEN_BYTES, Realms, Token
from rightshift.egress.message import Request
from rightshift.errors import EgressError, SourceError
from rightshift.source import digest, manifest
from rightshift.source.manifest import Descriptor, Part
from rightshift.tree.material import Blob

ERROR_BYTES = 64 << 10
RESUMES = 5
"""How often in a row a blob is taken up again without 1 MiB of progress."""
_PROGRESS_BYTES = 1 << 20
_ACCEPTED = ", ".join((*manifest.INDEX_TYPES, *manifest.MANIFEST_TYPES))
_HUB = "registry-1.docker.io"


@dataclass(frozen=True, slots=True)
class Found:
    """A manifest or index as a registry gave it: its proof, and its bytes, not yet checked against each other."""

    descriptor: Descriptor
    content: bytes


class Repository:
    """One repository of one registry, with the tokens that were had for it. Several threads may read blobs at once."""

    def __init__(
        self,
        client: Client,
        host: str,
        name: str,
        *,
        credential: Credential | None,
        realms: frozenset[str],
        schemes: dict[str, str] | None,
    ) -> None:
        """
        `schemes` is given for hosts that may be asked without TLS: it knows by host and port what they speak, or is
        told when that was found out.
        """
        self.host = "docker.io" if host == _HUB else host
        self._client = client
        self._authority = _HUB if host == "docker.io" else host
        self._name = name
        self._credential = credential
        self._realms = realms
        self._schemes = schemes
        self._token: Token | None = None
        self._ends = 0.0
        self._lock = Lock()

    def top(self, reference: str) -> Found:
        """
        The manifest or index of a tag or digest.

        Raises:
            SourceError: there is none, it may not be read, or it is not what its digest says.
            EgressError: the registry may not or can't be reached.
        """
        stream = self._open(f"manifests/{reference}", {"Accept": _ACCEPTED})
        try:
            self._expect(stream, 200, f"{self._name}{'@' if ':' in reference else ':'}{reference}")
            content = stream.whole(manifest.MANIFEST_BYTES)
        finally:
            stream.close()
        kind = stream.head.header("content-type").partition(";")[0].strip()
        claimed = stream.head.header("docker-content-digest")
        proof = reference if ":" in reference else digest.sha256(content)
        if ":" not in reference and claimed.startswith("sha256:") and claimed != proof and "manifest.v1+" not in kind:
            raise SourceError(
                f"{self.host} sent a manifest that is not what its digest says",
                means="It was damaged or exchanged on its way, so nothing of it was read",
            )
        return Found(Descriptor(digest=proof, size=len(content)), content)

    def document(self, descriptor: Descriptor, kind: str) -> bytes:
        """
        A manifest or config by its digest, no larger than its kind may be; not yet checked.

        Raises:
            SourceError, EgressError: as `top`.
        """
        proof = digest.parse(descriptor.digest)
        limit = manifest.CONFIG_BYTES if kind == "config" else manifest.MANIFEST_BYTES
        if descriptor.size > limit:
            raise SourceError(f"The image's {kind} has {descriptor.size} bytes; at most {limit} are read")
        folder = "blobs" if kind == "config" else "manifests"
        stream = self._open(f"{folder}/{proof}", {"Accept": "*/*" if kind == "config" else _ACCEPTED})
        try:
            self._expect(stream, 200, f"the {kind} {proof}")
            return stream.whole(limit)
        finally:
            stream.close()

    def blob(self, part: Part) -> Blob:
        """A layer that is asked for when it is opened, and taken up again where it broke off."""
        proof = digest.parse(part.layer.digest)
        return Blob(
            layer=part.layer,
            media_type=part.media_type,
            open=lambda: BlobStream(
                lambda at: self._blob_from(proof, at), part.layer.size_bytes, str(proof), self._client.pause
            ),
        )

    def _blob_from(self, proof: digest.Digest, at: int) -> Stream:
        headers = {"Range": f"bytes={at}-"} if at else {}
        stream = self._open(f"blobs/{proof}", {"Accept": "*/*", **headers})
        try:
            if stream.head.status == 206 and _begins(stream) == at:
                return stream
            self._expect(stream, 200, f"the layer {proof}")
            _skip(stream, at)
        except BaseException:
            stream.close()
            raise
        return stream

    def _open(self, path: str, headers: dict[str, str]) -> Stream:
        """An answer of the registry, after proving once who asks where that is wanted."""
        base = self._base()
        url = f"{base}/v2/{self._name}/{path}"
        for fresh in (False, True):
            token = self._token if self._token and monotonic() < self._ends else None
            sent = {**headers, "Authorization": token.authorization} if token else headers
            stream = self._client.stream(Request(url=url, headers=sent))
            if stream.head.status != 401 or fresh or origin(stream.head.url) != origin(base):
                return stream
            stream.close()
            if not self._sign_in(stream.head.all("www-authenticate"), base, token):
                return stream
        raise AssertionError("both ways return")

    def _sign_in(self, offered: tuple[str, ...], base: str, refused: Token | None) -> bool:
        """Has a token fetched unless another thread did meanwhile; False when no challenge can be met."""
        with self._lock:
            if self._token is not None and self._token is not refused and monotonic() < self._ends:
                return True
            flow = registry_token.authorize(
                registry_token.challenges(offered),
                f"repository:{self._name}:pull",
                self._credential,
                Realms(registry=base, allowed=self._realms),
            )
            self._token = self._client.run(flow, TOKEN_BYTES)
            self._ends = monotonic() + max(5.0, self._token.lifetime_s - 10) if self._token else 0.0
            return self._token is not None

    def _base(self) -> str:
        if self._schemes is None:
            return f"https://{self._authority}"
        with self._lock:
            if self._authority not in self._schemes:
                self._schemes[self._authority] = self._found_scheme()
            return f"{self._schemes[self._authority]}://{self._authority}"

    def _found_scheme(self) -> str:
        """Whether a host that may be asked without TLS speaks it: nothing secret is sent before that is known."""
        try:
            stream = self._client.stream(Request(url=f"http://{self._authority}/v2/", tries=1))
        except Interrupted:
            return "https"
        stream.close()
        return "https" if stream.head.status == 400 else "http"

    def _expect(self, stream: Stream, status: int, what: str) -> None:
        if stream.head.status == status:
            return
        raise self._refused(stream, what)

    def _refused(self, stream: Stream, what: str) -> SourceError:
        status = stream.head.status
        ours = origin(stream.head.url)[1] == origin(self._base())[1]
        said = _error_text(stream) if ours else ""
        if status in (401, 403):
            do = "Check that the account may read it" if self._credential else f"Sign in: docker login {self.host}"
            return SourceError(f"{self.host} does not let {what} be read (status {status})", means=said, do=do)
        if status == 404:
            do = "Check the name and the tag"
            return SourceError(f"{self.host} does not have {what}", means=said, do=do)
        if status == 429:
            wait = stream.head.header("retry-after")[:40] or "some time"
            means = f"It asks to come back after {wait}" + (" seconds" if wait.isdigit() else "")
            return SourceError(f"{self.host} limits how much may be asked", means=means, do="Sign in, or wait")
        return SourceError(f"{self.host} answered with status {status} when asked for {what}", means=said)


class BlobStream:
    """
    A blob from front to end. Where the connection breaks it is asked for again from there on.

    It never gives more than its size, and never less without saying so. Its digest is checked by whoever reads it.
    """

    def __init__(self, ask: Callable[[int], Stream], size_bytes: int, name: str, pause: Callable[[int], None]) -> None:
        self._ask = ask
        self._size = size_bytes
        self._name = name
        self._pause = pause
        self._at = 0
        self._failed_at = 0
        self._failures = 0
        self._stream: Stream | None = None

    def read(self, size: int, /) -> bytes:
        """
        At most `size` bytes; empty at the end.

        Raises:
            SourceError: it has more bytes than the manifest says, or the registry no longer gives it.
            EgressError: it broke off for good.
        """
        while True:
            try:
                if self._stream is None:
                    self._stream = self._ask(self._at)
                chunk = self._stream.read(min(size, self._size + 1 - self._at))
                if not chunk and self._at < self._size:
                    raise Interrupted(f"The layer {self._name} ended after {self._at} of {self._size} bytes")
            except Interrupted as error:
                self._count(error)
                continue
            self._at += len(chunk)
            if self._at > self._size:
                raise SourceError(f"The layer {self._name} is larger than the manifest says")
            return chunk

    def close(self) -> None:
        """Ends the connection unless all was read."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _count(self, error: Interrupted) -> None:
        self.close()
        if self._at - self._failed_at >= _PROGRESS_BYTES:
            self._failures = 0
        self._failed_at = self._at
        self._failures += 1
        if self._failures > RESUMES:
            raise error
        self._pause(self._failures)


def _begins(stream: Stream) -> int:
    """Where a part of a blob begins, as Content-Range says; -1 when it doesn't. Source: RFC 9110, 14.4."""
    unit, _, rest = stream.head.header("content-range").strip().partition(" ")
    first = rest.partition("-")[0].strip()
    return int(first) if unit == "bytes" and first.isascii() and first.isdigit() and len(first) < 19 else -1


def _skip(stream: Stream, count: int) -> None:
    while count:
        chunk = stream.read(min(count, 1 << 20))
        if not chunk:
            raise Interrupted("The layer is shorter than before")
        count -= len(chunk)


def _error_text(stream: Stream) -> str:
    """What a registry says about its refusal, short and printable. Source: distribution, "Errors"."""
    try:
        content = json.loads(stream.whole(ERROR_BYTES))
        first = content["errors"][0]
        text = ": ".join(str(first[key]) for key in ("code", "message") if first.get(key))
    except (EgressError, ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return ""
    return "It says: " + "".join(char for char in text[:200] if char.isprintable()) if text else ""

"""Bytes of an upstream, bounded and whole, through `egress`. What they mean: the upstreams beside this."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from rightshift.egress.client import Client, Stream
from rightshift.egress.message import Request
from rightshift.errors import EgressError, FeedError

CHUNK_BYTES = 256 << 10
WHOLE_S = 4 * 3600
"""A first fetch of everything over a slow line."""
OLD = "The feed in use stays as it was"

Progress = Callable[[str, int, int], None]
"""What is being done, how far, and of how much (0 when unknown)."""


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody wants to see."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An open answer. `etag` may be empty; `size` is what its head claims, 0 when it does not say."""

    stream: Stream
    url: str
    etag: str
    size: int

    def chunks(self, limit_bytes: int, progress: Progress = silent, what: str = "") -> Iterator[bytes]:
        """
        The body to its end.

        Raises: FeedError when it is longer than `limit_bytes`, ends early, or takes too long.
        """
        count, until = 0, monotonic() + WHOLE_S
        while chunk := self._read():
            count += len(chunk)
            if count > limit_bytes:
                raise FeedError(f"{self.url} sends more than {limit_bytes >> 20} MB", means=OLD)
            if monotonic() > until:
                raise FeedError(f"{self.url} took longer than {WHOLE_S // 3600} hours", means=OLD)
            progress(what, count, self.size)
            yield chunk
        if count < self.size:
            raise FeedError(f"{self.url} ended after {count} of {self.size} bytes", means=OLD, do="Try again")

    def _read(self) -> bytes:
        try:
            return self.stream.read(CHUNK_BYTES)
        except EgressError as error:
            raise _said(error) from error


@contextmanager
def fetch(client: Client, url: str, etag: str = "") -> Iterator[Fetched | None]:
    """
    The answer for an address; None when it is still what `etag` names.

    Raises: Missing when there is no such thing there; FeedError for any other answer, and what `Client.stream` says.
    """
    headers = {"If-None-Match": etag} if etag else {}
    try:
        stream = client.stream(Request(url=url, headers=headers))
    except EgressError as error:
        raise _said(error) from error
    try:
        head = stream.head
        if head.status == 304 and etag:
            yield None
            return
        if head.status in (404, 410):
            raise Missing(f"{url} does not exist", means=OLD)
        if head.status != 200:
            raise FeedError(f"{url} answered {head.status}", means=OLD, do="Try again later")
        if "text/html" in head.header("content-type").lower():
            raise FeedError(f"{url} answered with a web page", means=OLD, do="See whether a login page stands between")
        size = head.header("content-length").strip()
        yield Fetched(stream, url, head.header("etag")[:200], int(size[:18]) if size.isdecimal() else 0)
    finally:
        stream.close()


class Missing(FeedError):
    """The upstream does not have this file."""


def whole(fetched: Fetched, limit_bytes: int) -> bytes:
    """The body in memory. Raises: FeedError."""
    return b"".join(fetched.chunks(limit_bytes))


def to_file(fetched: Fetched, path: Path, limit_bytes: int, progress: Progress, what: str) -> None:
    """The body in a file. Raises: FeedError; OSError when the disk refuses."""
    with path.open("wb") as file:
        for chunk in fetched.chunks(limit_bytes, progress, what):
            file.write(chunk)


def _said(error: EgressError) -> FeedError:
    return FeedError(error.what, means=error.means or OLD, do=error.do)

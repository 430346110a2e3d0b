"""Asks one console over its API: requests, answers, pages, errors in words. Which one and as whom: `opened.py`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Raw, Struct

from rightshift.egress.address import origin, parsed
from rightshift.egress.client import Client, Interrupted, Limits, Settings, Stream
from rightshift.egress.dial import Unreachable
from rightshift.egress.message import Answer, Request
from rightshift.egress.policy import Policy
from rightshift.egress.proxies import Proxies, literal
from rightshift.errors import EgressError, RightshiftError, UsageError

PREFIX = "/api/v1"
LIMIT_BYTES = 32 << 20
"""Of one answer that is read whole: a page of 1,000 findings has less than 2 MiB."""
PAGE = 500
TRIES = 4
LIMITS = Limits(idle_s=60, whole_s=120, window_s=60)
"""A list over millions of findings may take the console some seconds, and it may ask to come back later."""
LISTENING = Limits(idle_s=60, whole_s=120, window_s=60, slowest_bytes_s=0)
"""Of an answer that stays open: only what keeps it open comes each quarter of a minute."""

T = TypeVar("T")
Query = Sequence[tuple[str, str]]


class ConsoleError(RightshiftError):
    """The console refused or could not do it. `status` is HTTP's, 0 when what came was no answer of a console."""

    def __init__(self, what: str, *, status: int = 0, means: str = "", do: str = "") -> None:
        super().__init__(what, means=means, do=do)
        self.status = status


class _Invalid(Struct, frozen=True):
    name: str = ""
    reason: str = ""


class _Problem(Struct, frozen=True):
    """Source: RFC 9457, section 3.1; the rest as `console/door/problems`."""

    title: str = ""
    detail: str = ""
    do: str = ""
    request: str = ""
    invalid: tuple[_Invalid, ...] = ()


class Page(Struct, frozen=True):
    """A part of a list, and where the next one begins."""

    items: tuple[Raw, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Console:
    """A console and who asks it: `headers` hold the proof. Whoever opened it closes it."""

    url: str
    """Scheme, host and port, without a slash at the end."""
    client: Client
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def asking_as(self, headers: Mapping[str, str]) -> "Console":
        """The same console, asked with another proof; it shares the connections."""
        return replace(self, headers=headers)

    def get(self, path: str, kind: type[T], query: Query = ()) -> T:
        """One answer. Raises: ConsoleError; EgressError."""
        return decoded(self.send("GET", path, query=query), kind)

    def pages(self, path: str, query: Query = (), most: int | None = None) -> Iterator[Raw]:
        """
        The items of a list, page after page as they are taken, at most so many.

        Raises: ConsoleError; EgressError.
        """
        left, after = most, ""
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            where = (("limit", str(size)), *((("after", after),) if after else ()))
            page = self.get(path, Page, (*query, *where))
            yield from page.items[:left]
            if not page.next or not page.items or page.next == after:
                return
            after = page.next
            left = None if left is None else left - len(page.items)

    def each(self, path: str, kind: type[T], query: Query = (), most: int | None = None) -> Iterator[T]:
        """The items of a list as `pages`, each of one shape."""
        for one in self.pages(path, query, most):
            yield shaped(bytes(one), kind)

    def post(self, path: str, body: Struct | None, kind: type[T]) -> T:
        """Makes or does something. Raises: ConsoleError; EgressError."""
        return decoded(self.send("POST", path, body=body), kind)

    def change(self, method: str, path: str, kind: type[T], wanted: Callable[[T], Struct | None]) -> Answer:
        """
        Changes or removes one thing as it is now; `wanted` makes the body of what was read.

        A change of somebody else in between is refused. Raises: ConsoleError; EgressError.
        """
        found = self.send("GET", path)
        body = wanted(decoded(found, kind))
        return self.send(method, path, body=body, more={"If-Match": found.header("etag")})

    def send(
        self, method: str, path: str, *, query: Query = (), body: Struct | None = None, more: Mapping[str, str] = {}
    ) -> Answer:
        """An answer that is no refusal, read whole. Raises: ConsoleError; EgressError; UsageError for no text."""
        try:
            content = b"" if body is None else msgspec.json.encode(body)
        except UnicodeEncodeError as error:
            raise _no_text() from error
        kind = {} if body is None else {"Content-Type": "application/json"}
        request = self._request(method, path, query, {**kind, **more}, content)
        with _reached():
            return _accepted(self.client.send(request, LIMIT_BYTES))

    def upload(self, path: str, body: bytes, headers: Mapping[str, str], query: Query = ()) -> Answer:
        """
        Sends a document that the console takes once however often it is sent, and so again after a connection broke.

        Raises: ConsoleError; EgressError.
        """
        request = self._request("POST", path, query, headers, body)
        with _reached():
            for tried in range(1, TRIES):
                try:
                    return _accepted(self.client.send(request, LIMIT_BYTES))
                except Interrupted:
                    self.client.pause(tried)
            return _accepted(self.client.send(request, LIMIT_BYTES))

    @contextmanager
    def stream(self, path: str, query: Query, accept: str) -> Iterator[Stream]:
        """An answer to be read from front to end. Raises: ConsoleError; EgressError."""
        with _reached():
            stream = self.client.stream(self._request("GET", path, query, {"Accept": accept}))
        try:
            if stream.head.status >= 300:
                head = stream.head
                body = stream.whole(LIMIT_BYTES)
                _accepted(Answer(status=head.status, url=head.url, fields=head.fields, body=body))
            yield stream
        finally:
            stream.close()

    def __enter__(self) -> "Console":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.close()

    def _request(self, method: str, path: str, query: Query, headers: Mapping[str, str], body: bytes = b"") -> Request:
        try:
            asked = f"{self.url}{PREFIX}{path}" + (f"?{urlencode(query)}" if query else "")
        except UnicodeEncodeError as error:
            raise _no_text() from error
        sent = {"Accept": "application/json", **self.headers, **headers}
        return Request(method=method, url=asked, headers=sent, body=body, tries=TRIES)


def address(text: str) -> str:
    """
    The address of a console as it is kept: scheme, host in lower case, and port where it is not the usual one.

    Raises: UsageError.
    """
    whole = text if "://" in text else f"https://{text}"
    try:
        found = parsed(whole)
    except EgressError as error:
        raise UsageError(f"{text!a} is no address of a console: {error.what}", do="Write https://HOST:PORT") from error
    if (found.path or "/") != "/" or found.query or found.fragment:
        raise UsageError(f"{text!a} leads below a console", do="Give only https://HOST:PORT")
    scheme, host, port = origin(whole)
    name = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{name}" + ("" if port == usual else f":{port}")


def connect(
    url: str, certificates: Path | None = None, proxies: Proxies | None = None, limits: Limits = LIMITS
) -> Console:
    """
    A console that is asked as nobody yet.

    Its owner named the address, so it may be on this machine or in a private network. Without TLS only this machine is
    asked: what proves who asks would be read on the way. Raises: UsageError.
    """
    scheme, host, _ = origin(url)
    found = literal(host)
    here = host == "localhost" or (found is not None and found.is_loopback)
    if scheme == "http" and not here:
        what = f"{url} has no TLS, and is not on this machine"
        raise UsageError(what, means="Whoever is on the way could read what proves who you are", do="Write https://")
    policy = Policy(hosts=frozenset({host}), plain_http=frozenset({host}) if here else frozenset())
    through = proxies or Proxies()
    return Console(url, Client(Settings(policy=policy, certificates=certificates, proxies=through, limits=limits)))


def path(*parts: str) -> str:
    """A path of the API below its version; each part may hold anything."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def decoded(answer: Answer, kind: type[T]) -> T:
    """The body of an answer as a type. Raises: ConsoleError when it is of another shape."""
    return shaped(answer.body, kind)


def shaped(content: bytes, kind: type[T]) -> T:
    """A value of JSON as a type. Raises: ConsoleError when it is of another shape."""
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _no_console(str(error)) from error


@contextmanager
def _reached() -> Iterator[None]:
    """Says of a console that is away, or that has a certificate of its own, what its user can do."""
    try:
        yield
    except Unreachable as error:
        raise Unreachable(error.what, means=error.means, do="Check the address, and that the console runs") from error
    except EgressError as error:
        if not error.what.startswith("The certificate of "):
            raise
        do = "Sign in with --pin and the pin that the console prints at its start, or with its CA in --ca-file"
        raise EgressError(error.what, means=error.means, do=do) from error


def _accepted(answer: Answer) -> Answer:
    if answer.status < 300:
        return answer
    if not answer.header("content-type").startswith(("application/problem+json", "application/json")):
        raise _no_console(f"status {answer.status}")
    problem = shaped(answer.body, _Problem)
    what = problem.detail or problem.title or f"The console answered with status {answer.status}"
    wrong = ", ".join(f"{one.name}: {one.reason}" if one.name else one.reason for one in problem.invalid[:5])
    raise ConsoleError(
        what + (f" ({wrong})" if wrong else ""),
        status=answer.status,
        means=f"The console keeps it under the id {problem.request}"
        if answer.status >= 500 and problem.request
        else "",
        do=problem.do or _DO.get(answer.status, ""),
    )


_DO = {
    401: "Sign in: `rightshift login URL`",
    403: "Ask an administrator of the console for the right to do that",
    412: "Somebody changed it at the same time: look at it, and try again",
    413: "It is larger than the console takes",
    421: "The console's owner adds the name by which you reach it to RIGHTSHIFT_HOSTS",
    429: "Wait a little and try again",
    503: "Wait a little and try again",
}


def _no_text() -> UsageError:
    return UsageError("What was given is no text: it has bytes that are not UTF-8", do="Write it in UTF-8")


def _no_console(why: str) -> ConsoleError:
    return ConsoleError(
        f"The answer is not one of a console of this version: {why}",
        do="Check the address, and that program and console have the same version",
    )

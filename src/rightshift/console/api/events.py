"""What happened: as a list of the past, and as it happens for pages that stay open. Who adds events: `store/events`."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import randbelow
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Schema
from litestar.params import QueryParameter
from msgspec import Meta, Struct

from rightshift.console.api import files, held_open
from rightshift.console.api.pages import TEXT_CHARS, After, Large, Limit, known, zoned
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.middleware import own_origin, still
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.door.measured import Measured
from rightshift.console.live import Live, Stream, TooManyStreams, Why
from rightshift.console.store.events import KINDS
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import happened, history
from rightshift.console.store.read.finding_filter import spellings
from rightshift.console.store.read.happened import Happened
from rightshift.console.store.read.history import Event

MEDIA_TYPE = "text/event-stream"
MISSED = 500
"""What a page that comes back gets of what it missed; more than that it reads as a list."""
KEEP_ALIVE_S = 15.0
"""Proxies cut what is quiet for longer, most after a minute."""
CHECK_S = 4.0
"""How often rights are looked at, and how long that may take: together less than the 10 seconds that revoking has."""
AGAIN_S = (5, 20)
"""Between these, for each another time: pages of a console that came back would come together again and again."""
_RETRY = b"retry: 3000\n"
_MAY = Permission.FINDINGS_READ
_ONLY_PAGES = ("limit", "after", "since", "format")
_MOST = 2**63 - 1


class _Numbered(NamedTuple):
    number: Large


_EVENTS = files.Rows("events", Event, _Numbered, lambda row: _Numbered(row.id))


class Events(Struct, frozen=True):
    """Events, the newest first."""

    items: list[Event]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class Reset(Struct, frozen=True):
    """Something was left out. Whoever shows events reads everything again."""

    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which events; what is given must all hold."""

    kinds: tuple[str, ...] = ()
    asset: UUID | None = None
    advisory: str | None = None

    def wants(self) -> Callable[[Happened], bool]:
        """The same as `history.page` looks for, of one that comes."""
        kinds, names = frozenset(self.kinds), frozenset(spellings([self.advisory]) if self.advisory else ())
        return lambda one: (
            (not kinds or one.event.kind in kinds)
            and (self.asset is None or one.event.asset == self.asset)
            and (self.advisory is None or not names.isdisjoint(one.advisories))
        )


@dataclass
class Told(files.Listing):
    """The description of a list that is also to be had as it happens."""

    def __post_init__(self) -> None:
        """Adds the stream to the answer."""
        super().__post_init__()
        content = getattr((self.responses or {}).get("200"), "content", None)
        if content is not None:
            kinds = "".join(f"\n- `{kind}`: {what}" for kind, what in KINDS.items())
            schema = Schema(
                type=OpenAPIType.STRING,
                description="Server-sent events. `id` is the number of an event, `event` its kind, `data` the event as"
                f" JSON, in the shape of `items`:{kinds}\n- `reset`: something was left out, so whoever shows events"
                ' reads everything again; `data` is `{"why": …}`: `slow` (it did not keep up), `scope` (it may see'
                " something else by now), `missed` (too much happened since the event that it saw last)",
            )
            content.setdefault(MEDIA_TYPE, OpenAPIMediaType(schema=schema))


@get(
    "/events",
    guards=[Requires(_MAY), known],
    tags=["events"],
    summary="List events, or hear of them",
    operation_class=Told,
    responses=refusals(406, 413),
)
async def list_events(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    live: NamedDependency[Live],
    measured: NamedDependency[Measured],
    now: NamedDependency[datetime],
    kind: Annotated[
        list[Literal[tuple(KINDS)]] | None,  # type: ignore[valid-type]  # the words of a table
        QueryParameter(max_items=50, description="Of this kind; any of several"),
    ] = None,
    asset: Annotated[UUID | None, QueryParameter(description="Of this asset")] = None,
    advisory: Annotated[
        str | None, QueryParameter(max_length=TEXT_CHARS, description="Of this advisory, by any of its names")
    ] = None,
    since: Annotated[datetime | None, QueryParameter(description="Since then; without a zone UTC")] = None,
    last_event_id: Annotated[
        int | None,
        QueryParameter(ge=0, le=_MOST, description="Of a stream: it begins with what happened after this event"),
    ] = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Events]:
    """
    What happened in the caller's scope, the newest first; who accepts `text/event-stream` hears of it as it happens.

    A stream that comes back with the header `Last-Event-ID` begins with what it missed. It ends when the caller may no
    longer see events, and when the console stops.
    """
    asked = Asked(kinds=tuple(kind or ()), asset=asset, advisory=advisory)
    if format is None and _listens(request):
        own_origin(request)
        if wrong := [name for name in _ONLY_PAGES if name in request.query_params]:
            raise ValidationException(f"`{wrong[0]}` is for lists; a stream has none")
        last = _last(request, last_event_id)
        opens = _Opens(request, pool, live, measured, asked, last)
        return held_open.HeldOpen(opens, MEDIA_TYPE)
    if last_event_id is not None:
        raise ValidationException(f"`last_event_id` is for streams: accept {MEDIA_TYPE}")
    scope = request.user.scope

    async def ask(connection: Connection, last: _Numbered | None, most: int) -> list[Event]:
        return await history.page(
            connection,
            scope,
            kinds=asked.kinds,
            asset=asset,
            advisory=advisory,
            since=zoned(since),
            limit=most,
            before=last and last.number,
        )

    return await files.answer(request, pool, now, _EVENTS, ask, Events, limit=limit, after=after, format=format)


def _listens(request: Request[Actor, Any, Any]) -> bool:
    accept = request.headers.get("accept", "")[:1_000]
    return any(part.partition(";")[0].strip().lower() == MEDIA_TYPE for part in accept.split(","))


def _last(request: Request[Actor, Any, Any], asked: int | None) -> int | None:
    """What was seen last. A browser that comes back says it in the header, and asks with the same address as before."""
    said = request.headers.get("last-event-id", "").strip()
    if not said:
        return asked
    # no number of ours: it is told to read everything again
    return int(said) if said.isascii() and said.isdigit() and len(said) < len(str(_MOST)) else _MOST


@dataclass(frozen=True, slots=True)
class _Opens:
    """A stream as long as its answer is open."""

    request: Request[Actor, Any, Any]
    pool: Pool
    live: Live
    measured: Measured
    asked: Asked
    last: int | None

    @contextmanager
    def __call__(self) -> Iterator[held_open.Opened]:
        """Raises: HTTPException (429)."""
        actor = self.request.user
        try:
            with (
                self.live.stream(actor.scope, caller=actor.person or actor.token, wants=self.asked.wants()) as stream,
                self.measured.streams.track_inprogress(),
            ):
                yield held_open.Opened(self._messages(stream), lambda: self._watch(stream), stream.end)
        except TooManyStreams as error:
            headers = {"Retry-After": str(AGAIN_S[0] + randbelow(AGAIN_S[1] - AGAIN_S[0] + 1))}
            raise HTTPException(status_code=429, detail="Too many open streams", headers=headers) from error

    async def _watch(self, stream: Stream) -> None:
        """Until the console stops, or the caller may no longer see events, or that can't be found out."""
        while not await _within(CHECK_S, self.live.stopping):
            try:
                async with asyncio.timeout(CHECK_S):
                    actor = await still(self.request)
            except (TimeoutError, OSError, psycopg.Error):
                return
            if actor is None or _MAY not in actor.permissions:
                return
            stream.see(actor.scope)

    async def _messages(self, stream: Stream) -> AsyncGenerator[bytes, None]:
        await self.live.begun.wait()
        told = stream.after
        if self.last is None:
            yield _RETRY + _id(told)
        elif (missed := await self._missed(self.last)) is None:
            yield _RETRY + b"\n"
            stream.fall_behind("missed")
        else:
            told = missed[-1].id if missed else max(told, self.last)
            yield _RETRY + (b"".join(map(_message, missed)) or _id(self.last))
        while True:
            taken = await stream.take(KEEP_ALIVE_S)
            if stream.over:
                return
            if why := stream.begin_anew():
                told = self.live.last
                yield _frame(told, "reset", Reset(why))
            elif messages := b"".join(_message(one.event) for one in taken if one.event.id > told):
                yield messages
            elif not taken:
                # who sees everything may also know how far everything is, and comes back with less to catch up on
                yield _id(self.live.last) if stream.scope.teams is None else b":\n\n"

    async def _missed(self, last: int) -> list[Event] | None:
        asked = self.asked
        async with self.pool.connection() as connection:
            return await happened.missed(
                connection,
                self.request.user.scope,
                last,
                MISSED,
                kinds=asked.kinds,
                asset=asked.asset,
                advisory=asked.advisory,
            )


async def _within(timeout_s: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


def _message(event: Event) -> bytes:
    return _frame(event.id, event.kind, event)


def _frame(id: int, name: str, data: Struct) -> bytes:
    """Source: HTML Standard, 9.2 Server-sent events. JSON has no line breaks of its own."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (id, name.encode(), msgspec.json.encode(data))


def _id(number: int) -> bytes:
    """Only a number: whoever comes back names it, but nothing is shown."""
    return b"id: %d\n\n" % number


EXAMPLES = (
    Events(
        [
            Event(
                id=4711,
                at=datetime(2026, 1, 5, 12, tzinfo=UTC),
                kind="match.new",
                asset=None,
                asset_kind=None,
                asset_name=None,
                purl="pkg:npm/lodash@4.17.20",
                advisory="CVE-2021-23337",
                detail={"after": 41, "severity": 4, "kev": False, "fixable": True},
            )
        ],
        None,
    ),
)
ROUTES = (list_events,)

"""What lists have in common: pages with a cursor, parameters that are known. The same rows as files: `files.py`."""

import base64
import binascii
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.params import DependencyKwarg, ParameterKwarg, QueryParameter
from msgspec import Meta

from rightshift.console.store.pool import Connection, Pool

MOST = 1_000
CURSOR_CHARS = 2_000

Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many at most")]
After = Annotated[
    str | None,
    QueryParameter(max_length=CURSOR_CHARS, description="`next` of the page before; the first page without it"),
]
TEXT_CHARS = 500
"""Of a parameter that may be left out: a bound that stands inside of such a union is not kept to."""
Text = Annotated[str, Meta(max_length=TEXT_CHARS)]
Texts = list[Text]
Small = Annotated[int, Meta(ge=-(2**31), lt=2**31)]
Large = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""Numbers that the database takes, as they stand in cursors."""

_RESERVED = frozenset({"request", "data", "scope", "state", "headers", "cookies", "query", "socket", "body"})
T = TypeVar("T")
_K = TypeVar("_K")


def cursor(*place: object) -> str:
    """A place in a list as a text that means nothing to whoever gets it."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).rstrip(b"=").decode()


def place(text: str | None, kind: type[T]) -> T | None:
    """The place that a cursor stands for. Raises: ValidationException for what no list of this kind gave."""
    if text is None:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found = msgspec.msgpack.decode(packed, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise ValidationException("`after` is no cursor of this list") from error
    if any(isinstance(one, str) and "\x00" in one for one in _each(found)):
        raise ValidationException("`after` is no cursor of this list")
    return found


def known(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """
    A guard: a parameter that the route does not have would be a filter that is not applied.

    Raises: ValidationException, also for characters that no name has and the database can't keep.
    """
    names = _parameters(handler)
    for name, value in connection.query_params.multi_items():
        if name not in names:
            raise ValidationException(
                f"There is no parameter `{name}` here", extra=[{"key": name, "message": "unknown"}]
            )
        _storable(name, value)
    for name, value in connection.path_params.items():
        _storable(name, value)


async def every(
    pool: Pool, ask: Callable[[Connection, _K | None, int], Awaitable[Sequence[T]]], after: Callable[[T], _K]
) -> AsyncGenerator[T, None]:
    """All rows of a list, page by page, each with a connection of its own; `ask` gives so many after a place."""
    last: _K | None = None
    while True:
        async with pool.connection() as connection:
            rows = await ask(connection, last, MOST)
        for row in rows:
            yield row
        if len(rows) < MOST:
            return
        last = after(rows[-1])


def cut(rows: Sequence[T], limit: int, after: Callable[[T], tuple[object, ...]]) -> tuple[list[T], str | None]:
    """Of up to `limit + 1` rows those of the page, and the cursor where one more came."""
    shown = list(rows[:limit])
    return shown, cursor(*after(shown[-1])) if len(rows) > limit else None


def _each(found: object) -> Sequence[object]:
    return found if isinstance(found, tuple | list) else (found,)


def _storable(name: str, value: object) -> None:
    if isinstance(value, str) and "\x00" in value:
        raise ValidationException(f"`{name}` holds a character that no text has")


@cache
def _parameters(handler: BaseRouteHandler) -> frozenset[str]:
    given = handler.resolve_dependencies()
    names: set[str] = set()
    waiting = [handler.parsed_fn_signature]
    seen: set[str] = set()
    while waiting:
        for name, field in waiting.pop().parameters.items():
            if name in given:
                if name not in seen:
                    seen.add(name)
                    waiting.append(given[name].parsed_fn_signature)
            elif name not in _RESERVED and not isinstance(field.kwarg_definition, DependencyKwarg):
                kwarg = field.kwarg_definition
                names.add(kwarg.name if isinstance(kwarg, ParameterKwarg) and kwarg.name else name)
    return frozenset(names)


def zoned(moment: datetime | None) -> datetime | None:
    """A moment as it was asked for; without a zone it is UTC."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)

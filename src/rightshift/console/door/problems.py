"""Errors as problem details: what happened and what to do, never a trace, a statement or a path."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, NotAuthorizedException, ValidationException
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from rightshift import escape
from rightshift.console.disk import nearly_full
from rightshift.errors import RightshiftError

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("rightshift.api")

TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    408: "Took too long",
    409: "Conflict",
    412: "Changed in between",
    413: "Too large",
    415: "Unsupported media type",
    421: "Misdirected request",
    422: "Can't be processed",
    428: "Precondition required",
    429: "Too many requests",
    500: "A mistake of this program",
    503: "Not ready",
    507: "No space left",
}


class Invalid(Struct, frozen=True):
    """One value that was wrong."""

    name: str
    reason: str


class Problem(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What went wrong. Source: RFC 9457, section 3.1; `invalid`, `request` and `do` are ours."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    do: str = ""
    request: str = ""
    invalid: tuple[Invalid, ...] = ()


def problem(
    status: int,
    detail: str = "",
    *,
    do: str = "",
    request: str = "",
    invalid: tuple[Invalid, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response[Problem]:
    """The answer for an error; text in it may be foreign."""
    content = Problem(
        title=TITLES.get(status, "Error"),
        status=status,
        detail=escape.terminal(detail)[:1_000],
        do=do,
        request=request,
        invalid=invalid,
    )
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: int, detail: str, headers: dict[str, str] | None = None
) -> None:
    """Answers an error from outside of the application's own handlers; the body is not read."""
    del receive
    shown = Problem(title=TITLES.get(status, "Error"), status=status, detail=detail)
    content = msgspec.json.encode(shown)
    said = {"content-type": MEDIA_TYPE, "content-length": str(len(content)), **(headers or {})}
    if scope["type"] == ScopeType.HTTP and status in (413, 421, 400):
        said["connection"] = "close"
    raw = [(name.encode(), value.encode()) for name, value in said.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content, "more_body": False})


def of_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[Problem]:
    """For what a route or the framework refuses."""
    headers = dict(error.headers or {})
    status = error.status_code
    if isinstance(error, NotAuthorizedException):
        headers.setdefault("WWW-Authenticate", 'Bearer realm="rightshift"')
    if status >= 500:
        return of_mistake(request, error)
    invalid: tuple[Invalid, ...] = ()
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        invalid = tuple(_invalid(one) for one in error.extra[:20] if isinstance(one, dict))
    detail = "What was asked is not as it must be" if invalid else error.detail  # the framework's has the whole address
    return problem(status, detail, request=_id(request), invalid=invalid, headers=headers)


def of_ours(request: Request[Any, Any, Any], error: RightshiftError) -> Response[Problem]:
    """For an error that says what to do. It may hold a path or an address, which stays in the log."""
    _LOG.warning("refused", extra={"request": _id(request), "error": str(error)})
    return problem(400, error.what, do=error.do, request=_id(request))


def of_mistake(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """For what nobody expected: only the id of the request, by which it is found in the log."""
    from psycopg import errors as database
    from psycopg_pool import PoolTimeout, TooManyRequests

    if isinstance(error, database.DiskFull | database.OutOfMemory):
        _LOG.error("the database has no space", extra={"request": _id(request)})
        return problem(
            507,
            "The database has no space left; nothing was stored",
            request=_id(request),
            headers={"Retry-After": "30"},
        )
    if isinstance(error, database.ProgramLimitExceeded):
        return problem(400, "A name in it is longer than what can be kept", request=_id(request))
    if isinstance(error, database.QueryCanceled):
        return problem(503, "The question took too long", request=_id(request), headers={"Retry-After": "5"})
    if isinstance(error, database.OperationalError | database.InterfaceError | PoolTimeout | TooManyRequests):
        _LOG.error("no database", extra={"request": _id(request), "error": type(error).__name__})
        full = nearly_full(request.app.state.get("disk"))
        what = "The database can't be reached now" + (": the disk that it lies on is full" if full else "")
        return problem(503, what, request=_id(request), headers={"Retry-After": "2"})
    _LOG.error("a mistake of this program", extra={"request": _id(request)}, exc_info=error)
    return problem(500, "It was written down under the id of this request", request=_id(request))


def _id(request: Request[Any, Any, Any]) -> str:
    return str(request.scope.get("state", {}).get("request_id", ""))


def _invalid(one: dict[str, Any]) -> Invalid:
    return Invalid(escape.terminal(str(one.get("key", "")))[:100], escape.terminal(str(one.get("message", "")))[:300])

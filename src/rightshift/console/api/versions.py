"""Two who change the same thing at once: who sends an older version is told so. Versions stand in ETags."""

from typing import Any, Protocol, TypeVar

from litestar import Request
from litestar.exceptions import HTTPException, NotFoundException

from rightshift.console.auth.permission import Actor

_DIGITS = 10


class Versioned(Protocol):
    """A thing that changes."""

    @property
    def version(self) -> int:
        """Another one after each change."""


_V = TypeVar("_V", bound=Versioned)


def etag(version: int) -> dict[str, str]:
    """The header that goes with a thing."""
    return {"ETag": f'"{version}"'}


def expected(request: Request[Actor, Any, Any]) -> int:
    """
    The version that a change is meant for.

    Raises: HTTPException: 428 where none is named, 412 for what is no version of anything here.
    Source: RFC 9110, 13.1.1 (If-Match); RFC 6585, 3 (428).
    """
    said = request.headers.get("if-match", "").strip()
    if not said:
        raise HTTPException(status_code=428, detail="Name the version that you change, as If-Match with its ETag")
    digits = said[1:-1]
    if said != f'"{digits}"' or not (digits.isascii() and digits.isdigit()) or len(digits) >= _DIGITS:
        raise changed()
    return int(digits)


def current(found: _V | None, version: int, absent: NotFoundException) -> _V:
    """What is to be changed. Raises: `absent` where there is none; HTTPException (412) for another version."""
    if found is None:
        raise absent
    if found.version != version:
        raise changed()
    return found


def changed() -> HTTPException:
    """It is another version by now, or gone."""
    return HTTPException(status_code=412, detail="It was changed meanwhile; read it again")

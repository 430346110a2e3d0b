"""A request and its answer, as values that flows and the client share. Sending one: `client.py`."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `headers` may hold secrets, so its repr leaves them out."""

    method: str = "GET"
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    tries: int = 4
    """How often it may be sent while the other side breaks off or asks to come later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The beginning of an answer. `fields` are as they came: untrusted, a name may come several times."""

    status: int
    url: str = field(repr=False)
    """Where the answer came from after redirects; it may be a signed address, so it is not for logs."""
    fields: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """The first value of a field; empty without one."""
        return next(iter(self.all(name)), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return tuple(value for key, value in self.fields if key.lower() == name.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Head):
    """An answer whose body was read whole, within the bound that was asked for."""

    body: bytes = b""


Flow = Generator[Request, Answer, T]
"""Yields requests, is sent their answers, and returns what it was about."""

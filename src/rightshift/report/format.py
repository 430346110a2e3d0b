"""The declaration of one output format. It is found by being there: the module's name is the format's name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from rightshift import parts
from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.report.result import Result

_FOLDER = "rightshift.report"
_BESIDE = ("format", "result")
"""What lies in that folder and is no format."""


class Out(Protocol):
    """Where bytes go: a file, a pipe, a buffer."""

    def write(self, content: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person looks at: `columns` wide, 0 for as wide as it gets; `colour` only where it is understood."""

    columns: int = 0
    colour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One output format. What `write` gives depends on the result alone; `show` is for a format that people look at."""

    title: str
    """One line for the list of formats."""
    write: "Callable[[Result, Out], None]"
    show: "Callable[[Result, Out, Screen], None] | None" = None
    several: bool = False
    """Results of several sources may follow each other in one file."""


def names() -> tuple[str, ...]:
    """The formats there are; nothing is imported but what tells a format from its neighbours."""
    return tuple(name for name, _ in declared())


def declared() -> tuple[tuple[str, Format], ...]:
    """All formats by name."""
    found = parts.declared(_FOLDER, "FORMAT", Format)
    return tuple(sorted((name.rpartition(".")[2], form) for name, form in found))


def check(name: str) -> None:
    """Raises UsageError unless there is a format of this name; none is imported."""
    if name in _BESIDE or not parts.exists(_FOLDER, name):
        raise UsageError(f"There is no output format {name!a}", do="Choose one of " + ", ".join(names()))


@cache
def named(name: str) -> Format:
    """
    The format of this name; only its own module is imported.

    Raises: UsageError.
    """
    check(name)
    form = parts.named(_FOLDER, name, "FORMAT", Format)
    assert form is not None, f"{name} declares no format"
    return form

"""The declaration of one command. It is found by being there: the module's name is the command's name."""

import argparse
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

from rightshift import parts
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

_FOLDER = "rightshift.cli"

EXIT_CODES = """\
exit codes:
  0  done
  1  an error: nothing could be scanned, the console could not be asked or refused, or a mistake of this program
  2  wrong use
  3  a gate of --fail-on failed, or --fail found something; stands before 4
  4  partial, and --require-complete was asked for
  128 + n  stopped by signal n
"""


class _HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal. The parent class asks for the width whenever an argument is declared, which is slow."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return fitted(text, width, indent)


@cache
def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


def fitted(text: str, width: int = 0, indent: str = "") -> str:
    """
    A page of help as wide as the terminal. Paragraphs are filled; of a list's lines the second column is, beside the
    first. What is to be copied stays one line.
    """
    width = width or _columns() - 2
    return "\n\n".join(_paragraph(part, width, indent) for part in text.split("\n\n"))


def _paragraph(text: str, width: int, indent: str) -> str:
    lines = text.strip("\n").splitlines()
    if "  " not in text:
        return _filled(" ".join(lines), width, indent, indent)
    return "\n".join(indent + line if len(line) <= width else _listed(line, width, indent) for line in lines)


def _listed(line: str, width: int, indent: str) -> str:
    """One line of a list that is too long."""
    found = re.match(r" *\S+(?: \S+)*  +(?=[^\s#])", line)
    start = line[: found.end()] if found else line[: len(line) - len(line.lstrip())]
    to_copy = line.startswith("  rightshift ") or (not start.strip() and "  " in line.strip())
    if to_copy or len(start) > width // 2:
        return indent + line
    return _filled(line[len(start) :], width, indent + start, indent + " " * len(start))


def _filled(text: str, width: int, first: str, others: str) -> str:
    import textwrap

    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


class Parser(argparse.ArgumentParser):
    """Reads the words of one command. What is wrong is a `UsageError`; nothing is guessed from the start of a word."""

    def __init__(self, name: str, **more: Any) -> None:
        self.declared: list[argparse.Action] = []
        self.name = name
        super().__init__(
            prog=f"rightshift {name}",
            formatter_class=_HelpFormatter,
            allow_abbrev=False,
            **more,
        )

    def add_argument(self, *names: Any, **more: Any) -> argparse.Action:
        """As the parent's; what is declared is kept for the completion of a shell."""
        action = super().add_argument(*names, **more)
        self.declared.append(action)
        return action

    def error(self, message: str) -> NoReturn:
        """Raises: UsageError, always."""
        raise UsageError(message[:1].upper() + message[1:], do=f"See `rightshift {self.name} --help`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command. Importing its module loads nothing that only running it needs."""

    title: str
    """One line for the list of commands."""
    about: str = ""
    """What there is to know beyond the options."""
    examples: tuple[tuple[str, str], ...]
    """(words after `rightshift`, what that does)."""
    arguments: Callable[[Parser], None]
    run: Callable[[argparse.Namespace, Streams], int]
    """Returns the exit code."""


def names() -> tuple[str, ...]:
    """The commands there are, in alphabetical order."""
    return tuple(name for name, _ in declared())


def declared() -> tuple[tuple[str, Command], ...]:
    """All commands by name."""
    found = ((name, parts.named(_FOLDER, name, "COMMAND", Command)) for name in parts.right_below(_FOLDER))
    return tuple((name, command) for name, command in found if command)


def named(name: str) -> Command:
    """
    The command of this name; only its own module is imported.

    Raises: UsageError.
    """
    if command := parts.named(_FOLDER, name, "COMMAND", Command):
        return command
    raise UsageError(f"There is no command {name!a}", do="Choose one of " + ", ".join(names()))


def parser(name: str, command: Command) -> Parser:
    """The parser of a command, with what all commands understand."""
    examples = "\n".join(f"  rightshift {words}\n      {does}" for words, does in command.examples)
    about = f"{command.title[:1].upper()}{command.title[1:]}."
    made = Parser(
        name,
        description=f"{about}\n\n{command.about}".strip(),
        epilog=f"examples:\n{examples}\n\n{EXIT_CODES}",
    )
    command.arguments(made)
    made.add_argument("--json", action="store_true", help="write JSON to standard output")
    made.add_argument("-q", "--quiet", action="store_true", help="no progress and no notes on standard error")
    return made

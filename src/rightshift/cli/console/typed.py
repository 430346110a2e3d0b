"""What a person types or a file holds that nobody else may see: passwords, codes, tokens."""

import os
import sys
from pathlib import Path

from rightshift.cli import files
from rightshift.cli.streams import Streams
from rightshift.errors import UsageError

LIMIT_BYTES = 4_096
TRIES = 3


def secret(question: str, file: Path | None, option: str) -> str:
    """
    The first line of a file where one is named, else what is typed at the terminal, where it is not shown.

    Raises: UsageError without a terminal, and when there is nothing.
    """
    if file is not None:
        found = line(file)
    else:
        import getpass

        if not _terminal():
            raise UsageError(f"There is no terminal to ask for the {question.lower()}", do=f"Give {option} PATH")
        try:
            found = getpass.getpass(f"{question}: ")
        except EOFError as error:
            raise UsageError(f"No {question.lower()} was given") from error
    if not found:
        raise UsageError(f"The {question.lower()} is empty", do="Give one")
    return found


def new_password(file: Path | None, streams: Streams) -> str:
    """A new password; at a terminal it is asked for until two in a row are the same. Raises: UsageError."""
    for _ in range(TRIES):
        found = secret("New password", file, "--password-file")
        if file is not None or found == secret("The same again", None, ""):
            return found
        streams.note("These were two different ones")
    raise UsageError("The password was not typed twice the same way", do="Try again")


def plain(question: str, streams: Streams, option: str) -> str:
    """What is typed and may be seen. Raises: UsageError without a terminal."""
    if not _terminal():
        raise UsageError(f"There is no terminal to ask for the {question.lower()}", do=f"Give {option}")
    streams.flush()
    try:
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
        return input().strip()
    except EOFError as error:
        raise UsageError(f"No {question.lower()} was given") from error


def line(file: Path) -> str:
    """The first line of a file, without its end. `-` is standard input. Raises: UsageError."""
    if str(file) == "-":
        content = sys.stdin.buffer.read(LIMIT_BYTES + 1)
    else:
        content = files.content(file, LIMIT_BYTES, "Name a file whose first line it is")
    try:
        return content.decode().partition("\n")[0].removesuffix("\r")
    except UnicodeDecodeError as error:
        raise files.wrong(file, "it is no text", "Write it as UTF-8") from error


def _terminal() -> bool:
    try:
        return sys.stdin is not None and os.isatty(sys.stdin.fileno())
    except (OSError, ValueError):
        return False

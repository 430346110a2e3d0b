"""The entry of the program: answers `--version` at once, hands all else to `run.py`. Commands: the files beside it."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn


def entry() -> NoReturn:
    """The program itself. It leaves without taking its memory apart, which takes long for a large document."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            code = code or 1
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line, without the program's name, and returns the exit code; never raises."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words in (["--version"], ["-V"]):
        words = ["version"] if sys.stdout is None else words
        if words != ["version"]:
            return _version()
    from rightshift.cli.run import run

    return run(words)


def _version() -> int:
    from rightshift import __version__

    try:
        sys.stdout.write(f"rightshift {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return 1
    return 0

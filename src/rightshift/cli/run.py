"""Runs one command and turns whatever happens into an exit code. What the codes mean: `command.EXIT_CODES`."""

import os
from collections.abc import Sequence
from contextlib import suppress

from rightshift.cli import streams as streams_of
from rightshift.cli.stop import Stopped, stoppable
from rightshift.cli.streams import Streams
from rightshift.errors import Malformed, RightshiftError, UsageError

DONE, FAILED, WRONG_USE, GATE_FAILED, PARTIAL = 0, 1, 2, 3, 4
BROKEN_PIPE = 141
"""As if by SIGPIPE: the reader went away, and nobody has to be told."""


def run(words: Sequence[str]) -> int:
    """The exit code of one command line. Nothing is raised."""
    streams = streams_of.of_process()
    code = FAILED
    try:
        with stoppable() as asked:
            try:
                code = _dispatch(words, streams)
                streams.flush()
            except UsageError as error:
                streams.error(error)
                code = WRONG_USE
            except (RightshiftError, Malformed) as error:
                streams.error(error)
                code = FAILED
            except BrokenPipeError:
                _drop_output(streams)
                code = BROKEN_PIPE
            except SystemExit as left:  # argparse's own, after it printed a help page
                code = left.code if isinstance(left.code, int) else DONE
            except Exception as error:  # noqa: BLE001 - a mistake of ours ends with one line, not with a trace
                if not asked:  # else it is what became of the stop
                    streams.mistake(error)
                code = FAILED
    except Stopped as stopped:
        with suppress(OSError, RightshiftError):
            streams.flush()
        code = stopped.code
    return code


def _dispatch(words: Sequence[str], streams: Streams) -> int:
    from rightshift.cli import command

    if not words:
        raise UsageError("No command was given", do="Choose one of " + ", ".join(command.names()))
    if words[0] in ("--help", "-h"):
        words = ["help", *words[1:]]
    if words[0] in ("--version", "-V"):
        words = ["version", *words[1:]]
    chosen = command.named(words[0])
    arguments = command.parser(words[0], chosen).parse_args(list(words[1:]))
    streams.quiet = arguments.quiet
    return chosen.run(arguments, streams)


def _drop_output(streams: Streams) -> None:
    """What is still held back must not be tried again when the interpreter ends."""
    with suppress(OSError, ValueError, AttributeError):
        assert streams.out_text
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, streams.out_text.fileno())
        os.close(nowhere)

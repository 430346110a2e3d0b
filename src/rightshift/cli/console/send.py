"""Sends a scan's document to a console. What the console does with it: `console/ingest`."""

import argparse
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rightshift.cli.console import opened
from rightshift.cli.run import DONE, FAILED
from rightshift.cli.streams import Streams
from rightshift.documents import scan
from rightshift.documents.scan import ScanDocument
from rightshift.errors import RightshiftError
from rightshift.source.reference import parse

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console
    from rightshift.cli.console.types import Taken

LEVEL = 3
"""Of zstd: a host's 8 MB of JSON become some 500 kB in 30 ms."""


@contextmanager
def sending(
    arguments: argparse.Namespace, streams: Streams
) -> Iterator[Callable[[ScanDocument | RightshiftError], int]]:
    """
    A function that sends documents to the console of `--console` and gives an exit code; what went wrong it says.

    Raises: UsageError when nobody is signed in there.
    """
    with opened.opened(arguments, streams.environ) as console:

        def sent(document: ScanDocument | RightshiftError) -> int:
            if isinstance(document, RightshiftError):  # which was said already
                return FAILED
            streams.progress(f"Sending it to {console.url}")
            try:
                taken = send(console, document, arguments.name or asset_of(document))
            except RightshiftError as error:
                streams.error(error)
                return FAILED
            streams.note(f"{console.url} {'keeps it' if taken.new else 'had it already'} as {taken.asset}")
            return DONE

        yield sent


def send(console: "Console", document: ScanDocument, asset: str) -> "Taken":
    """
    Sends it as what is known of that asset (empty for what the document says itself), and gives what was answered.

    The console takes a document once, so it is sent again when the connection breaks.
    Raises: ConsoleError; EgressError.
    """
    import zstandard

    from rightshift.cli.console.client import decoded
    from rightshift.cli.console.types import Taken

    body = zstandard.ZstdCompressor(level=LEVEL).compress(scan.encode(document))
    headers = {"Content-Type": "application/json", "Content-Encoding": "zstd"}
    answer = console.upload("/ingest/scans", body, headers, [("asset", asset)] if asset else [])
    return decoded(answer, Taken)


def asset_of(document: ScanDocument, host: str = "") -> str:
    """
    By which the console knows it where nobody says: a folder or file by this machine and its whole path.

    Empty for an image, which is known by its digest.
    """
    subject, here = document.subject, host or socket.gethostname()
    if subject.kind == "image":
        return ""
    if subject.kind == "container":
        return f"{here}:{subject.name}"
    try:
        named = parse(subject.name).path
    except RightshiftError:  # it went away since it was scanned
        named = subject.name
    path = os.path.abspath(named or "/")  # noqa: PTH100 - links stay as they were named
    return here if subject.kind == "host" and path == "/" else f"{here}:{path}"

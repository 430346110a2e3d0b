"""What a console tells as it happens: its stream of events, asked for again where it breaks. As a list: `lists.py`."""

import re
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rightshift.egress.client import Interrupted

if TYPE_CHECKING:
    from rightshift.cli.console.client import Console, Query
    from rightshift.cli.streams import Streams
    from rightshift.egress.client import Stream

MEDIA_TYPE = "text/event-stream"
AGAIN_S = 3.0
LIMIT_BYTES = 1 << 20
"""Of one message; an event has less than a kilobyte."""
_CHUNK = 1 << 16
_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")


@dataclass(frozen=True, slots=True)
class Message:
    """What was told; `id` is what one comes back with, and `data` is empty where there is nothing else to say."""

    id: str
    kind: str
    data: bytes


def told(console: "Console", path: str, query: "Query", streams: "Streams") -> Generator[Message, None, None]:
    """
    What happens from now on, without end. A stream that breaks is asked for again, from where it was.

    Raises: ConsoleError; EgressError, where the console was never reached, or refuses.
    """
    last = ""
    reached = False
    while True:
        where = [*query, *([("last_event_id", last)] if last else [])]
        try:
            with console.stream(path, where, MEDIA_TYPE) as stream:
                reached = True
                streams.progress("")
                for message in _messages(stream):
                    last = message.id or last
                    if message.data:
                        yield message
        except Interrupted as error:
            if not reached:
                raise
            streams.progress(f"{error.what}: asked again")
        time.sleep(AGAIN_S)


def _messages(stream: "Stream") -> Iterator[Message]:
    """Raises: Interrupted; EgressError; ConsoleError for what is no such stream."""
    held = b""
    while chunk := stream.read(_CHUNK):
        *blocks, held = _END.split(held + chunk)
        if len(held) > LIMIT_BYTES:
            raise _no_stream()
        yield from map(_message, blocks)


def _message(block: bytes) -> Message:
    """Source: HTML Standard, 9.2.6 Interpreting an event stream."""
    fields: dict[bytes, bytes] = {}
    for line in block.splitlines():
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        fields[name] = fields[name] + b"\n" + value if name == b"data" and name in fields else value
    id, kind = (fields.get(name, b"").decode(errors="replace") for name in (b"id", b"event"))
    return Message(id if id.isascii() and id.isdigit() else "", kind, fields.get(b"data", b""))


def _no_stream() -> Exception:
    from rightshift.cli.console.client import ConsoleError

    return ConsoleError("What came is no stream of events", do="Check the address")

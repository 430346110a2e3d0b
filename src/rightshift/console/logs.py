"""What the console's processes write of themselves: one JSON object a line, on standard error."""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""Attributes that every record has; what else stands there was given with `extra`."""
_TEXT_CHARS = 2_000


class Json(logging.Formatter):
    """Time in UTC, level, logger, process, message and what was given with it. Control characters come out escaped."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage()[:_TEXT_CHARS],
        }
        said |= {name: _plain(value) for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[1]:
            said["error"] = type(record.exc_info[1]).__name__
            said["trace"] = "".join(traceback.format_exception(record.exc_info[1]))[-4 * _TEXT_CHARS :]
        return json.dumps(said, ensure_ascii=True)


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool | None) else str(value)[:_TEXT_CHARS]


def begin(process: str, *, debug: bool = False) -> None:
    """Sends all logs of this process to standard error, as JSON; libraries only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("rightshift").setLevel(logging.DEBUG if debug else logging.INFO)

"""A log line is one JSON object, whatever was put into it."""

import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.logs import Json


def line(message: str, **extra: object) -> dict[str, object]:
    record = logging.getLogger("x").makeRecord("rightshift.x", logging.INFO, "", 0, message, (), None, extra=extra)
    text = Json("api").format(record)
    assert "\n" not in text
    assert text.isascii()
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


@given(st.text(), st.text())
def test_it_is_one_line_of_ascii(message: str, value: str) -> None:
    assert line(message, path=value)["path"] == value[:2_000]


def test_what_is_given_with_it_is_there() -> None:
    said = line("ended", code=-9, again_s=0.5, name_of=None)
    assert (said["code"], said["again_s"], said["name_of"], said["process"]) == (-9, 0.5, None, "api")
    assert str(said["at"]).endswith("+00:00")


def test_an_error_comes_with_its_trace() -> None:
    try:
        raise ValueError("wrong")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
        record = logging.getLogger("x").makeRecord("x", logging.ERROR, "", 0, "failed", (), info)
    said = json.loads(Json("api").format(record))
    assert said["error"] == "ValueError"
    assert "test_logs.py" in said["trace"]

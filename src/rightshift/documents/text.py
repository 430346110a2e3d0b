"""A value as JSON that is valid everywhere and harmless on a terminal. What a document holds: `scan.py`."""

import re

import msgspec

_LONE = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)
"""DEL, C1 controls, zero-width, bidirectional and tag characters: legal in JSON, but they act on a screen."""


def valid(text: str) -> str:
    """What UTF-8 can't hold is made visible: a byte of a file name as `\\xff`, half a character as U+FFFD."""
    return text if text.isascii() else _LONE.sub(_visible, text)


def encode(value: object, indent: int = 0) -> bytes:
    """
    JSON in UTF-8; `indent` in spaces, 0 for one line. Text that is not `valid` is made so.

    Characters that act on a screen are written as escapes, so a reader gets them back and a terminal never sees them.
    """
    try:
        content = msgspec.json.encode(value)
    except UnicodeEncodeError:
        content = msgspec.json.encode(_cleaned(msgspec.to_builtins(value)))
    if not content.isascii() or b"\x7f" in content:
        content = _UNSEEN.sub(_escaped, content.decode()).encode()
    return msgspec.json.format(content, indent=indent) if indent else content


def _cleaned(value: object) -> object:
    """A value of builtins with valid text; as deep as our own structs are."""
    match value:
        case str():
            return valid(value)
        case dict():
            return {_cleaned(key): _cleaned(one) for key, one in value.items()}
        case list() | tuple():
            return [_cleaned(one) for one in value]
        case _:
            return value


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else "\ufffd"


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:04x}" for at in range(0, len(units), 2))

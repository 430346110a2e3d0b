"""Foreign text made safe for one kind of target; one function a target. JSON escapes by itself: `documents/text`."""

import html as _html
import re

_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
"""Printable to Unicode, yet nothing is seen: fillers, joiners, variation selectors, the empty braille pattern."""

_SEEN_AS_IT_IS = re.compile(rf"[^{_INVISIBLE}]*")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BACKTICKS = re.compile("`+")


def terminal(text: str) -> str:
    """
    The text as it can be shown on a screen: what acts or hides is a visible mark, such as `\\x1b`, `\\n` or `\\u202e`.

    Control and escape characters, line ends, bidirectional marks, zero-width and unassigned characters, spaces other
    than the ordinary one, and half characters. The result is printable and stays as it is when it is escaped again.
    """
    if text.isprintable() and (text.isascii() or _SEEN_AS_IT_IS.fullmatch(text)):
        return text
    return "".join(map(_shown, text))


def line(text: str, limit: int) -> str:
    """At most `limit` characters for one line: blanks and line ends are one space, the rest as on a `terminal`."""
    flat = terminal(" ".join(text.lstrip()[: limit * 4 + 1024].split()))
    return flat if len(flat) <= limit else flat[: max(limit - 1, 0)] + "…"[:limit]


def csv_cell(text: str) -> str:
    """
    Text for a cell that a spreadsheet must not read as a formula; the CSV writer still quotes it.

    An apostrophe is put before what begins like a formula, also in full-width form and after blanks.
    Source: OWASP, "CSV Injection".
    """
    shown = terminal(text)
    return "'" + shown if text.startswith(_FORMULA) or shown.lstrip(" '\"").startswith(_FORMULA) else shown


def markdown(text: str) -> str:
    """
    A cell of a Markdown table with the text in a code span: there are no links, images, mentions or markup in it.

    Mentions and issue numbers are looked for in what was rendered, so a backslash does not stop them; code does.
    Source: GitHub Flavored Markdown, "Code spans" and "Tables".
    """
    shown = terminal(text).replace("|", "\\|")
    if not shown.strip():
        return " "
    fence = "`" * (1 + max(map(len, _BACKTICKS.findall(shown)), default=0))
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return fence + pad + shown + pad + fence


def html(text: str) -> str:
    """Text for an element or a quoted attribute."""
    return _html.escape(terminal(text), quote=True)


def _shown(character: str) -> str:
    if character.isprintable() and (character.isascii() or _SEEN_AS_IT_IS.fullmatch(character)):
        return character
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

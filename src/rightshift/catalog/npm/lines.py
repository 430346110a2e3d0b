"""The block YAML that Yarn and pnpm write, line by line: keys, values, indents. YAML at large: `catalog/text.py`."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.errors import Malformed


class MalformedLine(Malformed):
    """A line that those tools don't write: a tab before a key, an anchor, a key without an end."""


def keys(content: bytes) -> Iterator[tuple[int, str, str]]:
    """
    Indent in columns, key without quotes, and the rest of the line as written, for each line that has a key.

    Comments, empty lines, `---` and items of lists are passed over. A long key may stand behind `? `; its value then
    follows on a line of its own, deeper than the key. Yarn's first form has no colon between a key and its value.

    Raises: MalformedLine, Malformed for what is no text.
    """
    for number, line in enumerate(text.decoded(content).split("\n"), 1):
        line = line.rstrip()
        body = line.lstrip(" ")
        if not body or body[0] in "#-" or body.startswith(": "):
            continue
        indent = len(line) - len(body)
        if body.startswith("? "):
            yield indent, unquoted(body[2:].strip()), ""
            continue
        quote = body[0]
        if quote in "\"'":
            end = body.find(quote, 1)
            while end > 0 and quote == '"' and body[end - 1] == "\\":
                end = body.find(quote, end + 1)
            key, after = body[1:end], body[end + 1 :]
            if end < 0:
                raise MalformedLine(f"line {number}: a quote without its end")
            if after.startswith(","):  # Yarn's first form: several keys, quoted one by one
                key, after = body.removesuffix(":"), ":"
        elif quote in "\t&*!|>%@`<":
            raise MalformedLine(f"line {number}: begins with {quote!r}")
        elif body.endswith(":"):
            key, after = body[:-1], ":"
        else:
            at = body.find(": ")
            key, after = (body[:at], body[at:]) if at >= 0 else _by_blank(body, number)
        yield indent, key, after.removeprefix(":").strip()


def _by_blank(body: str, number: int) -> tuple[str, str]:
    key, blank, value = body.partition(" ")
    if not blank:
        raise MalformedLine(f"line {number}: neither key nor value")
    return key, value


def unquoted(value: str) -> str:
    """A value without the quotes around it."""
    return value[1:-1] if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0] else value

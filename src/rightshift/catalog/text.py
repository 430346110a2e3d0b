"""Foreign JSON, TOML, YAML, XML and plain text, read within bounds. What the values mean: each format's own file."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rightshift.errors import Malformed

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NODES = 4_000_000
"""Values in one document; a megabyte of a real lock file holds some 50 thousand."""

YAML_NODES = 1_000_000
"""Values in one YAML stream, those behind an alias counted each time it stands."""

DEPTH = 200
"""Levels in a YAML or XML document. JSON and TOML end at the interpreter's own limit, some five times deeper."""

DOTS = 200_000_000
"""Squares of the dots in each line of a TOML document, summed: what dotted keys cost. One line may hold 14 thousand."""


def decoded(content: bytes) -> str:
    """
    Text in UTF-8, with or without its mark, or in UTF-16 with it. Line ends stay as they are.

    Raises: Malformed.
    """
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"not text: {error.reason} at byte {error.start}") from error


def json_document(content: bytes) -> object:
    """
    One JSON value of dicts, lists, str, int, float, bool and None; of equal keys the last one wins.

    Half of a surrogate pair, which JavaScript writes and no text can hold, becomes U+FFFD.

    Raises: Malformed, also for NaN and for a number that no float holds.
    Source: RFC 8259.
    """
    import msgspec

    text = json_bytes(content)
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        mended = without_halves(text)
        if mended != text:
            return json_document(mended)
        raise Malformed(f"not JSON: {_short(error)}") from error


_HALF = re.compile(
    rb"\\u[dD][89a-bA-B][\dA-Fa-f]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89a-bA-B][\dA-Fa-f]{2})\\u[dD][c-fC-F][\dA-Fa-f]{2}"
)


def without_halves(content: bytes) -> bytes:
    """JSON with U+FFFD in place of each half of a surrogate pair that stands alone."""
    return _HALF.sub(rb"\\ufffd", content)


def json_bytes(content: bytes) -> bytes:
    """
    UTF-8 without its mark, for a typed decoder; bytes that could only decode to far too many values are refused.

    Raises: Malformed.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        content = decoded(content).encode()
    content = content.removeprefix(b"\xef\xbb\xbf")
    if len(content) > NODES and content.count(b",") + content.count(b"[") + content.count(b"{") > NODES:
        raise Malformed(f"not JSON within bounds: more than {NODES} values")
    return content


_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_COMMENT = re.compile(_STRING + r"|//[^\n]*+|/\*(?:.*?\*/|.*\Z)", re.DOTALL)
_LAST_COMMA = re.compile(_STRING + r"|,(?=\s*+[\]}])", re.DOTALL)


def jsonc_document(content: bytes) -> object:
    """
    JSON with comments and with a comma allowed after the last element, as editors, Bun and Deno write it.

    Raises: Malformed.
    """
    text = _COMMENT.sub(_only_strings, decoded(content))
    return json_document(_LAST_COMMA.sub(_only_strings, text).encode())


def _only_strings(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith('"') else " "


def toml_document(content: bytes) -> dict[str, object]:
    """
    One TOML document.

    Raises: Malformed.
    Source: TOML 1.0.0.
    """
    import tomllib

    text = decoded(content)
    if len(text) > 1000 and sum(line.count(".") ** 2 for line in text.splitlines()) > DOTS:
        raise Malformed("not TOML within bounds: too many dotted keys")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not TOML: {_short(error)}") from error


def yaml_documents(content: bytes) -> list[object]:
    """
    The documents of one YAML stream as dicts, lists, str, bool and None.

    Numbers and dates stay the text that was written: a version `1.10` is no float. An alias gives the object of its
    anchor, so nothing returned may be changed; what all aliases stand for together is bounded. Merge keys (`<<`) are
    keys like others, tags are ignored, of equal keys the last one wins.

    Raises: Malformed.
    Source: YAML 1.2.2, chapters 6 to 8 and 10.3 (the core schema's null and bool).
    """
    import yaml

    text = decoded(content)
    try:
        return list(_documents(yaml.parse(text, Loader=yaml.CSafeLoader)))
    except Malformed:
        raise
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Malformed(f"not YAML: {error.problem or error.context}{line}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed(f"not YAML: {_short(error)}") from error


_NO_KEY = object()


class _Open:
    """A collection whose end has not been read. `size` counts its values so far, aliases as what they stand for."""

    __slots__ = ("anchor", "key", "size", "value")

    def __init__(self, value: dict[object, object] | list[object], anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: object = _NO_KEY
        self.size = 1

    def add(self, value: object, size: int) -> None:
        self.size += size
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is _NO_KEY:
            if isinstance(value, dict | list):
                raise Malformed("not YAML within bounds: a key that is a collection")
            self.key = value
        else:
            self.value[self.key] = value
            self.key = _NO_KEY


def _documents(events: Iterator[Any]) -> Iterator[object]:
    """Built from the parser's events, since the library's own loader recurses and lets aliases multiply."""
    import yaml

    anchors: dict[str, tuple[object, int]] = {}
    stack = [_Open([], None)]
    total = 0
    for event in events:
        match event:
            case yaml.ScalarEvent():
                value, size = _scalar(event.value, event.implicit[0]), 1
                if event.anchor:
                    anchors[event.anchor] = value, size
            case yaml.AliasEvent():
                if event.anchor not in anchors:
                    raise Malformed("not YAML: an alias to what is not (yet) there")
                value, size = anchors[event.anchor]
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                if len(stack) > DEPTH:
                    raise Malformed(f"not YAML within bounds: more than {DEPTH} levels")
                stack.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor))
                continue
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = stack.pop()
                value, size = done.value, done.size
                if done.anchor:
                    anchors[done.anchor] = value, size
            case yaml.DocumentEndEvent():
                assert isinstance(stack[0].value, list)
                yield stack[0].value.pop()
                total += stack[0].size
                anchors.clear()
                stack = [_Open([], None)]
                continue
            case _:
                continue
        stack[-1].add(value, size)
        if total + stack[-1].size > YAML_NODES:
            raise Malformed(f"not YAML within bounds: more than {YAML_NODES} values")


_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _scalar(text: str, plain: bool) -> object:
    return _WORDS.get(text, text) if plain else text


def xml_root(content: bytes) -> "Element":
    """
    The root element. Tags and attributes are without prefix: `dependency`, whatever the namespace; `xmlns` declarations
    stay among the attributes.

    Raises: Malformed, also for a document type with declarations of its own.
    Source: XML 1.0 (Fifth Edition).
    """
    from xml.etree.ElementTree import TreeBuilder
    from xml.parsers import expat

    builder = TreeBuilder()
    depth = count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1 + len(attributes)
        if depth > DEPTH or count > NODES:
            raise Malformed(f"not XML within bounds: more than {DEPTH} levels or {NODES} values")
        builder.start(_local(tag), {_local(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    def doctype(_name: str, _system: str | None, _public: str | None, has_declarations: int) -> None:
        if has_declarations:
            raise Malformed("not XML within bounds: a document type with declarations")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
        return builder.close()
    except Malformed:
        raise
    except (expat.ExpatError, ValueError, LookupError, AssertionError) as error:
        raise Malformed(f"not XML: {_short(error)}") from error


def _local(name: str) -> str:
    return name if name == "xmlns" or name.startswith("xmlns:") else name.rpartition(":")[2]


def _short(error: BaseException) -> str:
    """An error in one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__

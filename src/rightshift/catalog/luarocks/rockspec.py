"""`*.rockspec`: one rock, installed or in source. It is a Lua program: it is read, never run."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 1 << 20
VALUE_CHARS = 1024

_STRING = r"\"[^\"\\\n]{0,400}\"|'[^'\\\n]{0,400}'|\[\[[^\]\n]{0,400}\]\]"
_TERM = re.compile(rf"\s{{0,40}}({_STRING}|[A-Za-z_]\w{{0,80}})\s{{0,40}}(\.\.)?")
_ASSIGNMENT = re.compile(r"^(?:local[ \t]{1,8})?([A-Za-z_]\w{0,80})[ \t]{0,40}=(?!=)", re.MULTILINE)
_LICENSE = re.compile(rf"^\s{{1,40}}license\s{{0,8}}=\s{{0,8}}({_STRING})", re.MULTILINE)


class MalformedRockspec(Malformed):
    """No package or version that can be told without running it."""


def read_file(file: File) -> Iterator[Package]:
    """
    The one rock, installed when it lies in a tree of LuaRocks (`lib/luarocks/rocks-5.1/NAME/VERSION/`).

    Name and version may be put together from strings and variables set further up; nothing else is understood.

    Raises: MalformedRockspec.
    Source: LuaRocks documentation, "Rockspec format"; Lua 5.1 Reference Manual, "Lexical Conventions".
    """
    text = read_whole(file, LIMIT_BYTES).decode("utf-8", "replace")
    values: dict[str, str] = {}
    for assignment in _ASSIGNMENT.finditer(text):
        value = _value(text, assignment.end(), values)
        if value is not None:
            values[assignment[1]] = value
    name, version = values.get("package"), values.get("version")
    if not name or not version:
        raise MalformedRockspec("no package or version that is written out")
    license_ = _LICENSE.search(text)
    installed = any(part.startswith("rocks") for part in file.path.split("/")[:-1])
    yield Package(
        ecosystem="luarocks",
        name=name,
        version=version,
        state="installed" if installed else "locked",
        licenses=(_plain(license_[1]),) if license_ else (),
    )


def _value(text: str, at: int, values: dict[str, str]) -> str | None:
    """Strings and known variables joined by `..`; None for any other expression."""
    value = ""
    while term := _TERM.match(text, at):
        part = _plain(term[1]) if term[1][0] in "\"'[" else values.get(term[1])
        if part is None or len(value) + len(part) > VALUE_CHARS:
            return None
        value += part
        at = term.end()
        if not term[2]:
            return value
    return None


def _plain(string: str) -> str:
    return string[2:-2] if string.startswith("[[") else string[1:-1]


FORMAT = Format(
    name="rockspec",
    ecosystem="luarocks",
    title="Lua: *.rockspec",
    patterns=("*.rockspec",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

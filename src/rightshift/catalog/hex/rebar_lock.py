"""`rebar.lock`: the packages that an Erlang project was locked to. Elixir's own tool: `mix_lock.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Package

_ENTRY = re.compile(
    r'\{<<"([^"\\\n]{1,200})">>,\s{0,200}\{(?:'
    r'pkg,\s{0,200}<<"([^"\\\n]{1,200})">>,\s{0,200}<<"([^"\\\n]{1,256})">>|'
    r'\w{1,40},\s{0,200}"[^"\n]{0,2000}",\s{0,200}\{\w{1,40},\s{0,200}"([^"\\\n]{1,256})"\})'
)


class MalformedRebarLock(Malformed):
    """Text that is no list of packages."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages in the file's order. One from Hex goes by its name there, which may differ from its application's;
    one from a repository has a commit (or tag, or branch) for a version.

    Raises: MalformedRebarLock.
    Source: erlang/rebar3, apps/rebar/src/rebar_config.erl (`write_lock_file`).
    """
    text = decoded(content)
    if not text.strip():
        return
    if text.lstrip()[0] not in "[{":
        raise MalformedRebarLock("not an Erlang term of locks")
    for application, name, version, commit in _ENTRY.findall(text):
        if name:
            yield Package(ecosystem="hex", name=name, version=version, state="locked")
        else:
            yield Package(ecosystem="hex", name=application, version=commit, state="locked", origin="git")


FORMAT = Format(
    name="rebar-lock",
    ecosystem="hex",
    title="Erlang: rebar.lock",
    patterns=("rebar.lock",),
    limit_bytes=16 << 20,
    read=read,
)

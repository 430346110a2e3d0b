"""`mix.lock`: the packages that an Elixir project was locked to. Erlang's own tool: `rebar_lock.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Package

_ENTRY = re.compile(
    r'^ {0,8}"([^"\\\n]{1,200})": {1,8}\{:(?:'
    r'hex, :"?([\w.@]{1,200})"?, "([^"\\\n]{1,256})"|'
    r'(git), "[^"\n]{0,2000}", "([^"\\\n]{1,256})"|'
    r"(\w{1,40})),",
    re.MULTILINE,
)


class MalformedMixLock(Malformed):
    """Text that is no map of packages."""


def read(content: bytes) -> Iterator[Package]:
    """
    The packages in the file's order. One from Hex goes by its name there, which may differ from its application's;
    one from git has a commit for a version.

    Raises: MalformedMixLock.
    Source: hexpm/hex, lib/hex/mix.ex (`to_lock`, `from_lock`); elixir-lang/elixir, lib/mix/lib/mix/scm/git.ex.
    """
    text = decoded(content)
    if not text.strip():
        return
    if not text.lstrip().startswith("%{"):
        raise MalformedMixLock("not a map")
    for application, name, version, git, commit, _ in _ENTRY.findall(text):
        if name:
            yield Package(ecosystem="hex", name=name, version=version, state="locked")
        elif git:
            yield Package(ecosystem="hex", name=application, version=commit, state="locked", origin="git")
        else:
            yield Package(ecosystem="hex", name=application, state="locked", origin="unknown")


FORMAT = Format(
    name="mix-lock",
    ecosystem="hex",
    title="Elixir: mix.lock",
    patterns=("mix.lock",),
    limit_bytes=16 << 20,
    read=read,
)

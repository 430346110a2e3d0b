"""`*.gemspec`: one Ruby gem, installed or in source. It is a Ruby program: it is read, never run."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package, State
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 4 << 20

_SPECIFICATION = "Gem::Specification.new"
_TEXT = r"""(?:"([^"\\\n]{1,400})"|'([^'\\\n]{1,400})'|%q[<({\[]([^<>(){}\[\]\n]{1,400})[>)}\]])"""
_NAME = re.compile(rf"^[ \t]*\w{{1,40}}\.name[ \t]*=[ \t]*{_TEXT}", re.MULTILINE)
_VERSION = re.compile(rf"^[ \t]*\w{{1,40}}\.version[ \t]*=[ \t]*(?:Gem::Version\.new[ (]?[ ]?)?{_TEXT}", re.MULTILINE)
_LICENSES = re.compile(r"^[ \t]*\w{1,40}\.licenses?[ \t]*=[ \t]*([^\n]{1,400})", re.MULTILINE)
_QUOTED = re.compile(_TEXT)


class MalformedGemspec(Malformed):
    """No specification, or one without a name (an installed one: or version) that can be read without running it."""


def read_file(file: File) -> Iterator[Package]:
    """
    The gem that one specification describes.

    Below `specifications/` it is the record of an installed gem, and has name and version written out by RubyGems.
    Elsewhere it is source: the version is empty where it is not written out. Source that lies inside an installed gem
    is passed over, except below `bundler/gems/`, which is how Bundler installs from git.

    Raises: MalformedGemspec.
    Source: RubyGems Guides, "Specification Reference".
    """
    folders = file.path.split("/")[:-1]
    state, origin = _place(folders)
    if state:
        yield _gem(read_whole(file, LIMIT_BYTES).decode("utf-8", "replace"), state, origin)


def _place(folders: list[str]) -> tuple[State | None, Origin]:
    if "specifications" in folders:
        return "installed", "registry"
    if "gems" not in folders:
        return "locked", "local"
    return ("installed", "git") if folders[folders.index("gems") - 1] == "bundler" else (None, "unknown")


def _gem(text: str, state: State, origin: Origin) -> Package:
    name, version = _NAME.search(text), _VERSION.search(text)
    if _SPECIFICATION not in text or not name or (not version and (state, origin) == ("installed", "registry")):
        raise MalformedGemspec("no name or version that is written out")
    licenses = _LICENSES.search(text)
    return Package(
        ecosystem="gem",
        name=_first(name.groups()),
        version=_first(version.groups()) if version else "",
        state=state,
        origin=origin,
        licenses=tuple(_first(found.groups()) for found in _QUOTED.finditer(licenses[1])) if licenses else (),
    )


def _first(groups: tuple[str | None, ...]) -> str:
    return next(text for text in groups if text)


FORMAT = Format(
    name="gemspec",
    ecosystem="gem",
    title="Ruby: *.gemspec",
    patterns=("*.gemspec",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

"""`Gemfile.lock`, `gems.locked`: the gems that Bundler locked a project to. Installed ones: `gemspec.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package

SOURCES: dict[str, Origin] = {"GEM": "registry", "GIT": "git", "PATH": "local", "PLUGIN SOURCE": "unknown"}
SECTIONS = frozenset({*SOURCES, "PLATFORMS", "DEPENDENCIES", "BUNDLED WITH", "RUBY VERSION", "CHECKSUMS"})

_SPEC = re.compile(r" {4}([^\s()]{1,400}) \(([^()\s-]{1,256})(?:-[^()\s]{1,256})?\)")


class MalformedGemfileLock(Malformed):
    """Text without one section of a lock file."""


def read(content: bytes) -> Iterator[Package]:
    """
    The gems of all sources in the file's order, each version once whatever the platform.

    Gems are indented by four blanks below `specs:`, what they depend on by six. A version may be followed by a
    platform (`1.13.3-x86_64-linux`); it holds no hyphen of its own.

    Raises: MalformedGemfileLock.
    Source: rubygems/rubygems, bundler/lib/bundler/lockfile_parser.rb.
    """
    text = decoded(content)
    found: dict[Package, None] = {}
    section, known = "", False
    for line in text.split("\n"):
        if line[:1].isupper():
            section = line.strip()
            known |= section in SECTIONS
        elif section in SOURCES and (spec := _SPEC.match(line)):
            origin = SOURCES[section]
            found[Package(ecosystem="gem", name=spec[1], version=spec[2], state="locked", origin=origin)] = None
    if not known and text.strip():
        raise MalformedGemfileLock("no section of a lock file")
    yield from found


FORMAT = Format(
    name="gemfile-lock",
    ecosystem="gem",
    title="Ruby: Gemfile.lock, gems.locked",
    patterns=("Gemfile.lock", "gems.locked"),
    limit_bytes=16 << 20,
    read=read,
)

"""`paket.lock`: what Paket, another package manager of .NET, locked. NuGet's own: `packages_lock.py`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Package

SECTIONS = frozenset({"NUGET", "GITHUB", "GIT", "HTTP", "GIST", "CLITOOL"})

_ENTRY = re.compile(r" {4}(\S[^()]{0,400}?) {1,8}\(([^()\s]{1,256})\)")


class MalformedPaketLock(Malformed):
    """Text without one section of a lock file."""


def read(content: bytes) -> Iterator[Package]:
    """
    Packages from NuGet feeds, and repositories from which files were taken (`git`), in the file's order, each once.

    Entries are indented by four blanks, what they depend on by six.

    Raises: MalformedPaketLock.
    Source: Paket documentation, "The paket.lock file".
    """
    text = decoded(content)
    found: dict[Package, None] = {}
    section = remote = ""
    known = False
    for line in text.split("\n"):
        if line[:1].isalpha():
            words = line.split()
            section = words[0].rstrip(":") if words else ""
            known |= section in SECTIONS or section == "GROUP"
        elif line.strip().startswith("remote:"):
            remote = line.partition(":")[2].strip()
        elif (entry := _ENTRY.match(line)) and section in ("NUGET", "CLITOOL"):
            found[Package(ecosystem="nuget", name=entry[1], version=entry[2], state="locked")] = None
        elif entry and section in ("GITHUB", "GIT") and remote:
            found[Package(ecosystem="nuget", name=remote, version=entry[2], state="locked", origin="git")] = None
    if not known and text.strip():
        raise MalformedPaketLock("no section of a lock file")
    yield from found


FORMAT = Format(
    name="nuget-paket-lock",
    ecosystem="nuget",
    title=".NET: paket.lock",
    patterns=("paket.lock",),
    limit_bytes=16 << 20,
    read=read,
)

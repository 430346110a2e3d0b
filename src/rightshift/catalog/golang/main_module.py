"""The main module of a Go binary where its build info doesn't say: by the main package and by the linker's flags."""

import re

from rightshift.catalog.binaries import executable
from rightshift.tree.file import File

FORGES = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com"})
"""Where a repository is always the two names behind the host."""

KEEPERS = frozenset({"github.com/prometheus/common/version", "k8s.io/component-base/version"})
"""Packages of libraries whose purpose is to hold the version of the program that they are linked into."""

FLAGS_CHARS = 64 << 10
EMBEDDED_BYTES = 1 << 20
EMBEDDED_SHARE = 8
"""What the linker was told lies in the last eighth of the read-only data, between zeros, as no other Go text does."""

_VARIABLES = frozenset({"version", "appversion", "buildversion", "gitversion", "releaseversion", "gittag"})

_ESCAPED = re.compile(r"\\[tnr]?")
_MAJOR = re.compile(r"v[0-9]{1,6}\Z")
_SET = re.compile(r"""(?:^|[\s"'])--?X(?:=|\s{1,64})["']?([^\s"'=]{1,300})\.(\w{1,100})=([^\s"']{1,100})""")
_RELEASE = re.compile(r"v?([0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(?:[-+][\w.+~-]{1,80})?)\Z", re.ASCII)
_EMBEDDED = re.compile(rb"\.[0-9]{1,9}\.[0-9]{1,9}(?:[-+][\w.+~-]{1,80})?\0")
_DESCRIBED = re.compile(r"-[0-9]{1,6}-g[0-9a-f]{7,40}")
"""What `git describe` adds behind a release: such a build is a later one than the release that it names."""


def of_package(path: str) -> str:
    """
    The module that a main package is part of, as far as its path shows; empty for one of Go itself or of loose files.

    On a forge it is the repository, with the major version behind it. Elsewhere it is what stands before `cmd`, and all
    of the path where nothing does. Binaries built without modules, like those of Debian, name nothing else.
    """
    parts = path.split("/")
    if "." not in parts[0]:
        return ""
    if parts[0] in FORGES:
        return "/".join(parts[: 4 if len(parts) > 3 and _MAJOR.match(parts[3]) else 3])
    return "/".join(parts[: parts.index("cmd")] if "cmd" in parts else parts)


def linked_version(module: str, flags: str) -> str:
    """
    The release that `-X PACKAGE.VARIABLE=VALUE` wrote into a variable, with Go's `v`; empty where that is not sure.

    Variables of package `main` come first, then those of the module's own packages, then those of `KEEPERS`; where two
    of one kind disagree, nobody knows. `flags` are the value of `-ldflags` as build info quotes it.

    Source: Go's cmd/link, flag `-X`; runtime/debug, `BuildInfo.String`.
    """
    ranked: tuple[set[str], set[str], set[str]] = (set(), set(), set())
    for package, variable, value in _SET.findall(_ESCAPED.sub(" ", flags[:FLAGS_CHARS])):
        release = _RELEASE.match(value)
        if variable.lower() not in _VARIABLES or not release or _DESCRIBED.search(value):
            continue
        if package == "main":
            ranked[0].add(release[1])
        elif package == module or package.startswith(module + "/"):
            ranked[1].add(release[1])
        elif package in KEEPERS:
            ranked[2].add(release[1])
    found = next(filter(None, ranked), set())
    return "v" + found.pop() if len(found) == 1 else ""


def embedded_version(file: File) -> str:
    """
    The release between zeros in the read-only data of an ELF file without C code, with Go's `v`; empty where none is.

    For what `-trimpath` keeps out of the build info. Nothing says which variable it was written into, so it is a guess;
    where several differ, other than by what follows the same text, there is none.

    Raises: MalformedExecutable.
    Source: Go's cmd/link, `addstrdata`.
    """
    section = executable.find(file, ".rodata")
    if not section:
        return ""
    size = min(section.size // EMBEDDED_SHARE, EMBEDDED_BYTES)
    data = file.pread(section.offset + section.size - size, size)
    found: set[str] = set()
    for match in _EMBEDDED.finditer(data):
        start = data.rfind(b"\0", max(0, match.start() - 11), match.start()) + 1
        text = data[start : match.end() - 1].decode("ascii", "replace") if start else ""
        if (release := _RELEASE.match(text)) and not _DESCRIBED.search(text):
            found.add(release[1])
    shortest = min(found, key=len, default="")
    return f"v{shortest}" if shortest and all(one.startswith(shortest) for one in found) else ""

"""`go.mod` with `go.sum`: the modules of a Go project. Vendored ones: `vendor_modules.py`; in a binary: `binary.py`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

Module = tuple[str, str]
"""Path and version; the version is empty where there is none."""

DIRECTIVES = frozenset(
    {"module", "go", "toolchain", "require", "exclude", "replace", "retract", "tool", "godebug", "ignore"}
)

PRUNED_SINCE = (1, 17)
"""From this Go on `go.mod` names all modules of a build; before, those of dependencies stand in `go.sum` alone."""

_GO = re.compile(r"(?:go)?(\d{1,6}(?:\.\d{1,6}){0,3}(?:(?:rc|beta)\d{1,6})?)")
_VERSION = re.compile(r"v\d[\w.+-]*\Z")


class MalformedGoMod(Malformed):
    """Text without one directive of a `go.mod`."""


@dataclass(slots=True)
class _Mod:
    go: str = ""
    toolchain: str = ""
    requires: dict[Module, None] = field(default_factory=dict)
    replaces: dict[Module, Module] = field(default_factory=dict)
    excludes: set[Module] = field(default_factory=set)
    bad: list[str] = field(default_factory=list)


def read_group(members: Mapping[str, bytes]) -> Iterator[Package | Gap]:
    """
    The required modules after replacement, and the standard library of the Go that is asked for.

    The module itself is left out, and so are `tool` lines, since they name packages of required modules. A module that
    is replaced by a folder has that folder for a name; the folder is not looked into, nor is any that a `go.work` uses:
    what lies in the tree is found by its own `go.mod`. A `go.sum` without a `go.mod` says nothing.

    Raises: MalformedGoMod.
    Source: Go Modules Reference, "go.mod files", "go.sum files".
    """
    files = {path.rpartition("/")[2]: path for path in members}
    if "go.mod" not in files:
        return
    mod = _parsed(decoded(members[files["go.mod"]]))
    places = dict.fromkeys(mod.requires, files["go.mod"])
    if "go.sum" in files and _numbers(mod.go) < PRUNED_SINCE:
        required = {path for path, _ in mod.requires}
        sums = _summed(decoded(members[files["go.sum"]]), mod.excludes)
        places |= {(path, version): files["go.sum"] for path, version in sums.items() if path not in required}
    packages = [_package(module, mod, place) for module, place in places.items() if module not in mod.excludes]
    if go := _GO.match(mod.toolchain) or _GO.match(mod.go):
        place = (files["go.mod"],)
        packages.append(Package(ecosystem="golang", name="stdlib", version=go[1], state="locked", locations=place))
    yield from dict.fromkeys(packages)
    if mod.bad:
        yield Gap(files["go.mod"], f"{len(mod.bad)} lines not understood, the first: {mod.bad[0][:80]}")


def _parsed(text: str) -> _Mod:
    mod, known = _Mod(), False
    for directive, words in _statements(text):
        known |= directive in DIRECTIVES
        match directive, words:
            case "go", [version]:
                mod.go = version
            case "toolchain", [name]:
                mod.toolchain = name
            case "require", [path, version]:
                mod.requires[path, version] = None
            case "exclude", [path, version]:
                mod.excludes.add((path, version))
            case "replace", [*old, "=>", path] if 0 < len(old) < 3:
                mod.replaces[old[0], "".join(old[1:])] = path, ""
            case "replace", [*old, "=>", path, version] if 0 < len(old) < 3:
                mod.replaces[old[0], "".join(old[1:])] = path, version
            case (("require" | "exclude" | "replace" | "go" | "toolchain"), _):
                mod.bad.append(" ".join((directive, *words)))
    if not known and text.strip():
        raise MalformedGoMod("none of its lines is a directive")
    return mod


def _statements(text: str) -> Iterator[tuple[str, list[str]]]:
    """Directives with their arguments; those of a block one by one."""
    block = ""
    for line in text.split("\n"):
        plain = line.partition("//")[0].replace("(", " ( ").replace(")", " ) ")
        words = [word.strip('"`') for word in plain.split()]
        match words:
            case []:
                continue
            case [")"]:
                block = ""
            case [directive, "("] if not block:
                block = directive
            case [directive, *arguments] if not block:
                yield directive, arguments
            case _:
                yield block, words


def _summed(text: str, excludes: set[Module]) -> dict[str, str]:
    """The last version of each module whose content was hashed: the file is sorted, so that is the highest."""
    found = {}
    for line in text.split("\n"):
        match line.split():
            case [path, version, _] if _VERSION.match(version) and (path, version) not in excludes:
                found[path] = version
    return found


def _package(module: Module, mod: _Mod, place: str) -> Package:
    path, version = mod.replaces.get(module) or mod.replaces.get((module[0], "")) or module
    return Package(
        ecosystem="golang",
        name=path,
        version=version,
        state="locked",
        origin="registry" if version else "local",
        locations=(place,),
    )


def _numbers(go: str) -> tuple[int, ...]:
    found = re.match(r"(\d{1,6})\.(\d{1,6})", go)
    return (int(found[1]), int(found[2])) if found else (0, 0)


FORMAT = Format(
    name="go-mod",
    ecosystem="golang",
    title="Go: go.mod with go.sum",
    patterns=("go.mod", "go.sum"),
    limit_bytes=16 << 20,
    read_group=read_group,
)

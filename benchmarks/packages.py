"""
Says what syft and trivy name on the inputs that rightshift doesn't, and the other way round, class by class.

Which side is right is for people to judge: docs/explanation/beside-peers.md. How fast each is: `python -m benchmarks`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.__main__ import CASES, Case, commands
from rightshift.catalog import purl

Key = tuple[str, str, str]
"""Ecosystem, name, version: in one spelling for all tools."""

TESTS = frozenset({"test", "tests", "__tests__", "fixture", "fixtures", "testdata", "example", "benchmark"})
UNKNOWN = frozenset({"(devel)", "UNKNOWN", "unknown"})
EPOCH = re.compile(r"\A[0-9]+:")


@dataclass(frozen=True, slots=True)
class Named:
    """One row of a tool's document; `note` is what the document itself says against counting it."""

    key: Key
    path: str
    note: str = ""


def key(text: str) -> Key | None:
    """A package URL without what tools write differently: epochs, letter case, Go's `v` and its words for unknown."""
    try:
        of = purl.parsed(text)
    except purl.MalformedPurl:
        return None
    name = f"{of.namespace}/{of.name}" if of.namespace and of.type not in purl.OS_TYPES else of.name
    version = of.version
    if of.type in ("pypi", "golang", "composer", "nuget"):
        name = re.sub(r"[-_.]+", "-", name.lower()) if of.type == "pypi" else name.lower()
    if of.type == "golang":
        if of.subpath and not of.subpath.startswith("cmd"):  # syft cuts a module's path behind the repository
            name = f"{name}/{of.subpath.lower()}"
        version = "" if version in UNKNOWN else version.removeprefix("v")
    if of.type in purl.OS_TYPES:
        version = EPOCH.sub("", version)
    return of.type, name, "" if version in UNKNOWN else version


def _rows(tool: str, document: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """Package URL, path and note of each package that a tool's document names."""
    found = document.get({"rightshift": "packages", "syft": "artifacts", "trivy": "components"}[tool])
    for row in found if isinstance(found, list) else ():
        path, note = "", ""
        if tool == "trivy":
            path = next((p["value"] for p in row.get("properties", ()) if p["name"].endswith(":FilePath")), "")
        elif tool == "syft":
            path = next((place["path"] for place in row["locations"]), "")
        else:
            path = next(iter(row["locations"]), "")
            note = "an OS package owns it" if row.get("owner") else ""
            note = "locked, not installed" if row.get("not_installed") else note
        yield row.get("purl") or "", path, note


def named(tool: str, output: Path) -> list[Named]:
    """What a tool's document names; rows without a package URL name no package."""
    document = json.loads(output.read_bytes() or b"{}")
    rows = ((key(text), path, note) for text, path, note in _rows(tool, document) if text)
    return [Named(it, path.lstrip("/"), note) for it, path, note in rows if it]


def differences(ours: Iterable[Named], theirs: Iterable[Named]) -> dict[str, list[Named]]:
    """What one list has and the other lacks, each package once, by class."""
    lacked = list(theirs)
    keys = {it.key for it in lacked}
    places = defaultdict(set)
    for it in lacked:
        places[it.path].add(it.key)
    found: dict[Key, Named] = {it.key: it for it in ours if it.key not in keys}
    classes = defaultdict(list)
    for it in found.values():
        classes[f"{it.key[0]}: {_class(it, places[it.path])}"].append(it)
    return dict(sorted(classes.items()))


def _class(it: Named, others: set[Key]) -> str:
    """`others` are what the other tool names at the same place."""
    ecosystem, name, version = it.key
    below = it.path.rpartition("node_modules/")[2].split("/")[:-1]
    if it.note:
        return it.note
    if ecosystem in purl.OS_TYPES:
        return "in the package database"
    if any(other[1] == name for other in others):
        return "the other names it at the same place in another version, or without one"
    if any(other[1].rpartition("/")[2] == name.rpartition("/")[2] for other in others):
        return "the other names it at the same place by another name"
    if not TESTS.isdisjoint(it.path.split("/")):
        return "in test data or an example"
    if not version:
        return "without a version"
    if "node_modules/" in it.path and "/".join(below) != name:
        return "not at its own name in node_modules"
    ending = Path(it.path.partition("!/")[0]).suffix
    return f"in *{ending}" if ending else "in a file without an ending"


def _documents(case: Case, folder: Path, without: Iterable[str]) -> dict[str, Path]:
    """Each tool is run once for an input; what lies in the folder already is not made again."""
    found = {}
    at = case.make()
    for tool, command_of in commands(folder).items():
        command = command_of(case, at) if tool not in without else None
        output = folder / f"{re.sub('[^a-z]+', '-', case.name.lower())}.{tool}.json"
        if command and not output.exists():
            unfinished = output.with_suffix(".unfinished")
            environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false", "NO_COLOR": "1"}
            with unfinished.open("wb") as out:
                done = subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, env=environment, check=False)
            if done.returncode:
                print(f"{tool} ended with exit status {done.returncode} on {case.name}", file=sys.stderr)
                continue
            unfinished.rename(output)
        if command:
            found[tool] = output
    return found


def main() -> int:
    """Prints one table; exit status 0 whatever differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.packages", description=__doc__)
    parser.add_argument("--only", default="", help="part of an input's name")
    parser.add_argument("--without", default="", help="tools to leave out, joined by commas")
    parser.add_argument("--show", type=int, default=3, help="examples of each class")
    parser.add_argument("--keep", type=Path, help="folder for the tools' documents; those that lie there are used")
    given = parser.parse_args()
    print("| input | who names it | who doesn't | class | packages | such as |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="rightshift-packages-") as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for case in CASES:
            if given.only in case.name:
                documents = _documents(case, folder, given.without.split(","))
                _print(case.name, {tool: named(tool, output) for tool, output in documents.items()}, given.show)
    return 0


def _print(case: str, lists: dict[str, list[Named]], show: int) -> None:
    ours = lists.pop("rightshift", [])
    print(f"| {case} | rightshift | | all, each once | {len({it.key for it in ours})} | |")
    for tool, theirs in lists.items():
        both = {it.key for it in ours} & {it.key for it in theirs}
        print(f"| {case} | {tool} | | all, each once | {len({it.key for it in theirs})} | |")
        print(f"| {case} | rightshift and {tool} | | all, each once | {len(both)} | |")
        sides = ((tool, "rightshift", theirs, ours), ("rightshift", tool, ours, theirs))
        for who, other, more, fewer in sides:
            for name, found in differences(more, fewer).items():
                examples = ", ".join(f"`{it.key[1]}@{it.key[2]}`" for it in found[:show])
                print(f"| {case} | {who} | {other} | {name} | {len(found)} | {examples} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""Reference pages that follow from what the code declares. `SNAPSHOT=write pytest tests/house` writes them anew."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

from rightshift.catalog.declared import catalogue
from rightshift.cli import command, gates, help, suppress
from rightshift.documents import facts, scan
from rightshift.documents.assets import AnyAsset
from rightshift.model.asset import AssetId
from rightshift.report import format as report_format
from tests.house import console_pages
from tests.house.markdown import plain, sentence, table, text

SHARED = ("-h", "--json", "-q")
"""What every command understands: said once."""

COMMANDS = """\
# Commands

`rightshift help COMMAND` shows the same in a terminal. All commands understand:
"""
EXIT_CODES = """
Of several sources the worst counts: 1, then 3, then 4. An error leaves a line on standard error that says what
happened, what it means and what to do. When the reader of a pipe goes away the code is 141, and nothing is said.
"""
FACTS = """\
# The facts document

What a sensor, a watcher of a cluster or a cloud's discovery saw in one window of time: one shape for all reporters.
Addresses and files stand as they were seen; whose they are is for the console to conclude.

This page is made from its JSON Schema, which comes along as `rightshift/documents/facts.schema.json`. Fields with their
usual value are left out. [An example](facts-example.json) shows a host with two containers.

Beyond the schema: a document has at most 32 MiB and 1,500,000 commas. No key stands twice in an object, and there is no
NUL in its text. An asset, a relation, a listener and a connection each stand there once, as told apart by what they
say below. Addresses are addresses, places in `files` exist, and `from_ms` is not after `to_ms`.

A console may be older than its reporters. It passes over fields that it doesn't know, and over items of lists whose
kind or other word it doesn't know; it keeps the rest, notes a gap, and sweeps nothing that they might have told of. So
a later version may have more words and fields without a new number in `schema`.

## Ids

An asset is named `KIND:KEY`.

"""
FACTS_STRUCTS = (
    ("FactsDocument", "Tool", "Probe", "Dropped", "Gap"),
    tuple(one.__name__ for one in get_args(AnyAsset)),
    ("Privileges", "Mount", "Watch", "Relation", "Listener", "Connection", "File", "Use", "End"),
)
FORMATS = """\
# Formats

What is read. A file that can't be read costs itself alone and is listed as a gap; so is one that is larger than its
format allows. The ecosystem is the type of a package URL; `--ecosystems` takes it, OSV's word for it, or the language's
name. What has none is read whatever is asked for.
"""
REPORTS = """
## Reports

What `--format NAME` and `-o NAME=PATH` write:
"""
DOCUMENT = """\
# The scan document

What one scan found: an inventory with its gaps and where it came from. It holds no advisory, so it stays true when new
ones appear. `rightshift scan SOURCE --no-match --json` writes it; without `--no-match` the keys `feed`, `end_of_life`,
`matches`, `suppressed` and `gates` follow.

This page is made from its JSON Schema, which comes along as `rightshift/documents/scan.schema.json`. Inside the
document's lists, fields with their usual value are left out. Readers pass over fields that they don't know: a later
version may have more.
"""
EXAMPLE = """
## An example

Of a folder with an `etc/os-release`, a `Cargo.lock` and a lock file that was cut off:

```json
{document}
```
"""


def commands() -> str:
    """Every command with its options and examples, and the pages of help that commands share."""
    lines = [*COMMANDS.splitlines(), ""]
    some = command.parser("version", command.named("version"))
    lines += [*_options(one for one in some.declared if one.option_strings), ""]
    for name, declared in command.declared():
        parser = command.parser(name, declared)
        lines += [f"## {name}", "", f"`{_usage(name, parser.declared)}`", ""]
        lines += [f"{sentence(declared.title)}.", ""]
        for part in declared.about.split("\n\n") if declared.about else ():
            lines += [*(text(part.splitlines()) if "  " in part else [plain(part)]), ""]
        own = [one for one in parser.declared if not set(one.option_strings) & set(SHARED)]
        lines += [*_options(own), ""] if own else []
        lines += text(line for words, does in declared.examples for line in (f"rightshift {words}", f"    {does}"))
        lines += [""]
    for title, page in (
        ("Gates", gates.HELP),
        ("Ignore files and VEX", suppress.HELP),
        ("Environment", help.ENVIRONMENT.partition("\n")[2]),
    ):
        lines += [f"## {title}", "", *text(page.splitlines()), ""]
    lines += ["What a command ends with: [exit codes](exit-codes.md)."]
    return "\n".join(lines) + "\n"


def exit_codes() -> str:
    """What a command ends with, and which code stands before which."""
    rows = re.findall(r"^  (\S.*?)  (\S.*)$", command.EXIT_CODES, re.MULTILINE)
    codes = table(("code", "meaning"), [(code, plain(meaning)) for code, meaning in rows])
    return "\n".join(["# Exit codes", "", *codes, *EXIT_CODES.splitlines()]) + "\n"


def formats() -> str:
    """Every file format that is read, by ecosystem, and every report that is written."""
    rows = [
        (form.ecosystem, f"`{form.name}`", plain(form.title), _size(form.limit_bytes))
        for form in sorted(catalogue().formats, key=lambda form: (form.ecosystem, form.name))
    ]
    written = [(f"`{name}`", form.title) for name, form in report_format.declared()]
    read = table(("ecosystem", "format", "what and where", "at most"), rows)
    reports = table(("name", "what it is"), written)
    return "\n".join([*FORMATS.splitlines(), "", *read, *REPORTS.splitlines(), "", *reports]) + "\n"


def scan_document() -> str:
    """Every field of the scan document as the published schema has it, and one real document."""
    names = ("ScanDocument", "Tool", "Subject", "Distro", "Layer", "Package", "Source", "Gap")
    lines = [*DOCUMENT.splitlines(), *_structs(scan.schema()["$defs"], names)]
    return "\n".join(lines) + "\n" + EXAMPLE.replace("{document}", _example())


def facts_document() -> str:
    """How assets are named and every field of the facts document, as the published schema has it."""
    keys = (line.strip() for line in str(AssetId.__doc__).splitlines() if line.strip().startswith("|"))
    names = [name for part in FACTS_STRUCTS for name in part]
    return "\n".join([*FACTS.splitlines(), *keys, *_structs(facts.schema()["$defs"], names)]) + "\n"


def _structs(structs: dict[str, Any], names: Iterable[str]) -> Iterator[str]:
    """A section for each struct of a document, with a table of its fields."""
    for name in names:
        struct = structs[name]
        yield from ("", f"## {name}", "", struct["description"], "")
        rows = [
            (f"`{field}`", _type(about), _usual(field, about, struct), plain(_meaning(about)))
            for field, about in struct["properties"].items()
        ]
        yield from table(("field", "type", "usual value", "meaning"), rows)


def _meaning(about: dict[str, Any]) -> str:
    """What a field says of itself, else what its type does."""
    return str(about.get("description") or next(filter(None, map(_meaning, about.get("anyOf", ()))), ""))


_PROGRAM = "from rightshift.cli.main import main; raise SystemExit(main())"


def _example() -> str:
    """A real scan of a small tree; what differs from run to run and from version to version is set."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "app")
        (tree / "etc").mkdir(parents=True)
        (tree / "web").mkdir()
        (tree / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n')
        source = "registry+https://github.com/rust-lang/crates.io-index"
        (tree / "Cargo.lock").write_text(
            f'version = 3\n\n[[package]]\nname = "time"\nversion = "0.1.44"\nsource = "{source}"\n'
        )
        (tree / "web/package-lock.json").write_text('{"lockfileVersion": 3, "packages": {')
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, "scan", "app", "--no-match", "--no-cache", "--json", "-q"],
            cwd=folder,
            capture_output=True,
            check=True,
        )
    document: dict[str, Any] = json.loads(done.stdout)
    document["id"], document["created"] = "3f0f6a1de54b4b5c9a2c2f0c6b8f7a10", "2026-01-02T03:04:05Z"
    document["tool"] |= {"version": "1.0.0", "catalogue": "0f1e2d3c4b5a6978"}
    return json.dumps(document, indent=2)


def _usage(name: str, declared: Iterable[argparse.Action]) -> str:
    words = [f"rightshift {name} [OPTIONS]"]
    for action in declared:
        if not action.option_strings:
            word = _value(action)
            words.append({"+": f"{word} …", "?": f"[{word}]"}.get(str(action.nargs), word))
    return " ".join(words)


def _options(declared: Iterable[argparse.Action]) -> list[str]:
    rows = []
    for action in declared:
        value = f" {_value(action)}" if action.option_strings and action.nargs != 0 else ""
        names = ", ".join(f"`{name}{value}`" for name in action.option_strings) or f"`{_value(action)}`"
        again = " Several times." if isinstance(action.default, list) else ""
        rows.append((names, f"{sentence(plain(action.help or ''))}.{again}"))
    return table(("option", "meaning"), rows)


def _value(action: argparse.Action) -> str:
    return "|".join(map(str, action.choices)) if action.choices else str(action.metavar or action.dest.upper())


def _type(about: dict[str, Any]) -> str:
    if "$ref" in about:
        name = about["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"] if value)
    if "anyOf" in about:
        return " or ".join(_type(one) for one in about["anyOf"])
    if about["type"] == "array":
        return f"list of {_type(about['items'])}"
    return str(about["type"])


def _usual(field: str, about: dict[str, Any], struct: dict[str, Any]) -> str:
    if field in struct["required"]:
        return "always there"
    return f"`{json.dumps(about['default'])}`" if about["default"] not in ("", (), []) else "empty"


def _size(count: int) -> str:
    units = ("KiB", "MiB", "GiB", "TiB")
    step = max(number for number in range(len(units)) if count >> 10 * (number + 1) or not number)
    return f"{count >> 10 * (step + 1)} {units[step]}"


PAGES = {
    "docs/reference/commands.md": commands,
    "docs/reference/exit-codes.md": exit_codes,
    "docs/reference/formats.md": formats,
    "docs/reference/scan-document.md": scan_document,
    "docs/reference/facts-document.md": facts_document,
    "docs/reference/api.md": console_pages.api,
    "docs/reference/permissions.md": console_pages.permissions,
    "docs/reference/settings.md": console_pages.settings,
    "docs/reference/metrics.md": console_pages.metrics,
}

"""Reference pages of the console that follow from its code: routes, permissions, settings, metrics. See `pages.py`."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from rightshift import config
from rightshift.cli import help
from rightshift.console import app
from rightshift.console.api import status
from rightshift.console.api.settings import Retention, SecondFactorPolicy
from rightshift.console.auth.permission import NEVER_OF_TOKENS, OF_ROLE, ROLES, Permission, Public, Requires
from rightshift.console.door.measured import Measured
from tests.house.markdown import plain, sentence, table

ROOT = Path(__file__).parents[2]
PREFIX = "/api/v1"
METHODS = ("get", "post", "put", "delete")

API = """\
# The API

Everything that the console knows and does is here; the command line uses nothing else. `/api/v1/openapi.json` of a
console is the same as OpenAPI 3.1, with examples of bodies and answers; this page is made from it.

[Use the API](../how-to/api.md) shows it at work. What holds for all of it:

- **Who asks** is said by `Authorization: Bearer TOKEN`, or by the cookie of a session; a change in a session also needs
  the header `X-CSRF-Token`. Each route needs one [permission](permissions.md). What lies in no team of whoever asks is
  not there: 404, and in no count.
- **Lists** have `limit` (at most 1,000; 50 by default) and give `items` with `next`, which is the `after` of the next
  page; null is the end. Where `format` is a parameter, `csv`, `jsonl` or `xlsx` gives all of it as a file.
- **Changes** of what others may change as well send the `ETag` that was read as `If-Match`: 412 when it was changed
  meanwhile, 428 without.
- **Errors** are `application/problem+json` (RFC 9457): `title`, `status`, `detail`, and where they are known `do`,
  `invalid` (a name and a reason each) and `request`, by which the console's log names it. After 429 and 503 wait as
  long as `Retry-After` says.
- **Times** are RFC 3339 in UTC. A parameter or field that is not known is refused; an answer may get more fields.
"""
PERMISSIONS = """\
# Roles and permissions

A person has one role, and sees everything or what lies in their teams. A token has some permissions of whoever made it,
sees no more than its maker, and has an end date. This page is made from what each route asks for.
"""
SETTINGS = """\
# Settings

What a process reads at its start from its environment; there is no configuration file. Lists are words with blanks
between them. This page is made from the code that reads them.
"""
DEFAULTS = {
    "RIGHTSHIFT_HOME": "`/var/lib/rightshift` as root, else `rightshift` in `$XDG_DATA_HOME` or `~/.local/share`",
    "RIGHTSHIFT_FEED_URL": "the public one",
    "RIGHTSHIFT_KEV_URL": "the public one",
    "RIGHTSHIFT_EPSS_URL": "the public one",
    "RIGHTSHIFT_FEED_KEY": "no bundle may be imported without `--trust`",
    "RIGHTSHIFT_CA_FILE": "the system's alone",
    "RIGHTSHIFT_DATABASE_URL": "the embedded server",
    "RIGHTSHIFT_VAULT_KEYS": "`vault.keys` in the home",
    "RIGHTSHIFT_POSTGRES": "looked for",
    "RIGHTSHIFT_HOSTS": "this machine's own",
    "RIGHTSHIFT_PROXIES": "none",
    "RIGHTSHIFT_OFFLINE": "0",
    "RIGHTSHIFT_DEBUG": "0",
    "RIGHTSHIFT_CONSOLE": "the last sign-in's",
    "RIGHTSHIFT_TOKEN": "the one that `rightshift login` keeps",
    "NO_COLOR": "colour on a terminal",
}
"""What holds without a variable; each variable that is read stands here."""
OVER_THE_API = """
## Set while it runs

These are an administrator's, over [the API](api.md#settings); they hold at once, for all processes.
"""
BESIDES = {
    Permission.EXPORT_READ: "lists as files, beside their own permission",
    Permission.SOURCES_LOCAL: "sources and scans of other than registries: `host:`, `dir:/PATH`",
    Permission.TOKENS_WRITE: "tokens of services and for enrolment, and others' tokens, through `/tokens`",
}
"""Permissions that no route names by itself."""
METRICS = """\
# Metrics

`/metrics` in Prometheus' text format, for tokens with `metrics:read`: [how to scrape it](../how-to/operate.md#metrics).
Each process of the API counts for itself. This page is made from the registry of one.
"""


def api() -> str:
    """Every route with what it needs, and what lists and changes take."""
    described = json.loads((ROOT / "src/rightshift/console/api/openapi.json").read_text())
    needed = dict(needs())
    tags: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in sorted(described["paths"].items()):
        for method in METHODS:
            if one := operations.get(method):
                tags.setdefault(one["tags"][0], []).append((method.upper(), path, one))
    lines = [*API.splitlines()]
    for tag, those in sorted(tags.items()):
        lines += ["", f"## {sentence(tag)}", ""]
        rows = [(f"`{method} {path}`", one["summary"], needed[method, path]) for method, path, one in those]
        lines += table(("route", "what", "needs"), rows)
        for method, path, one in those:
            lines += _operation(method, path, one, described["components"]["schemas"])
    others = [(f"`{' '.join(key)}`", need) for key, need in sorted(needed.items()) if not key[1].startswith(PREFIX)]
    lines += ["", "## Outside of the version", "", *table(("route", "needs"), others)]
    return "\n".join(lines) + "\n"


def needs() -> Iterator[tuple[tuple[str, str], str]]:
    """(method, path) of each route and the permission that it names, or why it is for everybody."""
    for prefix, handlers in ((PREFIX, app.routes()), ("", app.outside())):
        for handler in handlers:
            (said,) = (one for one in handler.guards if isinstance(one, Requires | Public))
            need = f"`{said.permission}`" if isinstance(said, Requires) else f"nothing: {said.because}"
            for method in handler.http_methods:
                for path in handler.paths:
                    yield (method, prefix + re.sub(r":\w+\}", "}", path)), need


def _operation(method: str, path: str, one: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """What there is to say of one that takes something."""
    asked = [each for each in one.get("parameters", ()) if each["in"] != "path"]
    content = one.get("requestBody", {}).get("content", {})
    body = next(iter(content.values()))["schema"] if content else {}
    if not asked and not body:
        return
    yield from ("", f"### `{method} {path}`", "", *(plain(line) for line in one.get("description", "").splitlines()))
    if asked:
        rows = [(f"`{each['name']}`", each["in"], _kind(each["schema"]), _meaning(each)) for each in asked]
        yield from ("", *table(("parameter", "where", "type", "meaning"), rows))
    if "$ref" in body:
        struct = schemas[body["$ref"].rpartition("/")[2]]
        required = struct.get("required", ())
        rows = [
            (f"`{name}`", _kind(about), "" if name in required else "yes", _meaning(about))
            for name, about in struct.get("properties", {}).items()
        ]
        yield from ("", *table(("field", "type", "may be left out", "meaning"), rows)) if rows else ()


def _kind(shape: dict[str, Any]) -> str:
    """The type in a word or two."""
    for several in ("oneOf", "anyOf"):
        if several in shape:
            return " or ".join(dict.fromkeys(_kind(one) for one in shape[several] if one.get("type") != "null"))
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if "enum" in shape:
        return ", ".join(f"`{one}`" for one in shape["enum"] if one is not None)
    if shape.get("type") == "array":
        return f"several: {_kind(shape['items'])}" if shape.get("items") else "several"
    kind = shape.get("type", "any")
    kind = " or ".join(one for one in kind if one != "null") if isinstance(kind, list) else str(kind)
    return {"date-time": "time", "uuid": "id"}.get(shape.get("format", ""), kind)


def _meaning(about: dict[str, Any]) -> str:
    said = about.get("description") or about.get("schema", {}).get("description", "")
    default = about.get("schema", about).get("default")
    usual = f"; by default `{json.dumps(default)}`" if default not in (None, "", [], {}) else ""
    return plain(str(said).partition("\n")[0]) + usual


def permissions() -> str:
    """Which role may what, which tokens may not, and what each permission opens."""
    opened: dict[str, list[str]] = {}
    for (method, path), need in sorted(needs()):
        opened.setdefault(need, []).append(f"`{method} {path.removeprefix(PREFIX)}`")
    rows = [
        (
            f"`{one}`",
            *("yes" if one in OF_ROLE[role] else "" for role in ROLES),
            "no" if one in NEVER_OF_TOKENS else "yes",
            ", ".join(opened.get(f"`{one}`", ())) or BESIDES.get(one, ""),
        )
        for one in Permission
    ]
    head = ("permission", *ROLES, "a token may have it", "opens")
    lines = [*PERMISSIONS.splitlines(), "", *table(head, rows), "", *_notes(rows)]
    return "\n".join(lines) + "\n"


def _notes(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """What the table does not say."""
    nobody = [row[0] for row in rows if not any(row[1 : 1 + len(ROLES)])]
    yield f"{' and '.join(nobody)} are no person's: a sensor has them by its own credential or an enrolment token."


def settings() -> str:
    """Every variable of the environment, its default and meaning, and what is set over the API."""
    said = dict(documented())
    shown = re.findall(r"^  (\w+) +(.*)$", help.ENVIRONMENT, re.MULTILINE)
    meant = {name: said.get(name) or meaning for name, meaning in shown}
    for name in (*said, *re.findall(r"RIGHTSHIFT_\w+", help.ENVIRONMENT)):
        meant.setdefault(name, said.get(name, ""))
    meant["RIGHTSHIFT_TOKEN"] = "A token for RIGHTSHIFT_CONSOLE; it is sent to no other one"
    meant["RIGHTSHIFT_CONSOLE"] = "The console that commands ask"
    order = sorted(meant.items(), key=lambda one: (one[0] == "NO_COLOR", one[0]))
    rows = [(f"`{name}`", DEFAULTS[name], plain(sentence(meaning.rstrip(".")))) for name, meaning in order]
    lines = [*SETTINGS.splitlines(), "", *table(("variable", "without it", "meaning"), rows)]
    lines += ["", "Proxies are taken from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, as curl does."]
    lines += [*OVER_THE_API.splitlines(), ""]
    kept = [(f"retention: `{one.encode_name}`", f"{one.default} days") for one in _fields(Retention)]
    factor = [("mfa: `required`", f"`{one.default}`") for one in _fields(SecondFactorPolicy)]
    return "\n".join([*lines, *table(("setting", "default"), [*factor, *kept])]) + "\n"


def _fields(struct: type[Any]) -> Iterable[Any]:
    from msgspec.structs import fields

    return fields(struct)


def documented() -> Iterator[tuple[str, str]]:
    """The variables of `config.Config` with the text below each field."""
    (body,) = (
        node.body
        for node in ast.parse(Path(config.__file__).read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == "Config"
    )
    names = {one.name for one in fields(config.Config)}
    for before, after in pairwise(body):
        named = isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and before.target.id in names
        if named and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            name, _, meaning = str(after.value.value).partition(": ")
            yield name, meaning


def metrics() -> str:
    """Every series of a process of the API."""
    measured = Measured()
    rows = [
        (f"`{_series(one.name, one.type)}`", one.type, plain(one.documentation.rstrip(".")))
        for one in sorted(measured.registry.collect(), key=lambda one: (not one.name.startswith("right"), one.name))
    ]
    return "\n".join([*METRICS.splitlines(), "", *table(("series", "kind", "meaning"), rows)]) + "\n"


def _series(name: str, kind: str) -> str:
    """As it stands in the text: counters end with `_total`, and a histogram is three series."""
    return {"counter": f"{name}_total", "histogram": f"{name}_bucket, _sum, _count"}.get(kind, name)


def stale() -> str:
    """The table of what may be stale, for the page that tells what to do."""
    rows = [(f"`{kind}`", plain(means), plain(do)) for kind, (means, do) in status.ADVICE.items()]
    return "\n".join(table(("`kind`", "what it means", "what to do"), rows))

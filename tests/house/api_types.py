"""The API's shapes as commands know them, made from OpenAPI. `SNAPSHOT=write pytest tests/house` writes them anew."""

import json
import keyword
import re
from collections.abc import Iterable, Iterator
from typing import Any

Schema = dict[str, Any]
PATH = "src/rightshift/cli/console/types.py"
PREFIX = "/api/v1"
PAGING = ("limit", "after", "format")

USED: tuple[tuple[str, str], ...] = (
    ("GET", "/me"),
    ("POST", "/session"),
    ("POST", "/session/code"),
    ("POST", "/session/link"),
    ("GET", "/assets"),
    ("GET", "/events"),
    ("GET", "/sensors"),
    ("GET", "/sensors/{sensor}"),
    ("GET", "/findings"),
    ("GET", "/feed"),
    ("POST", "/feed/update"),
    ("GET", "/jobs"),
    ("GET", "/jobs/{job}"),
    ("GET", "/jobs/{job}/log"),
    ("POST", "/jobs/{job}/cancel"),
    ("GET", "/status"),
    ("GET", "/sources"),
    ("POST", "/sources/{source}/scan"),
    ("GET", "/schedules"),
    ("GET", "/packages"),
    ("GET", "/packages/places"),
    ("GET", "/tokens"),
    ("POST", "/tokens"),
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", "/users/{user}"),
    ("PUT", "/users/{user}"),
    ("DELETE", "/users/{user}"),
    ("POST", "/users/{user}/reset"),
    ("POST", "/ingest/scans"),
)
"""(method, path) of what the commands ask: of these and what they lead to there are types."""

HEAD = '''\
"""The API's shapes, as far as commands use them. Made from its OpenAPI by `tests/house/api_types.py`; not by hand."""

from msgspec import UNSET, Struct, UnsetType, field
'''
_STRUCT = "Struct, frozen=True, kw_only=True, omit_defaults=True"
_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def module(openapi: Schema, used: Iterable[tuple[str, str]] = USED) -> str:
    """
    The text of the module. Words and times are texts, since a newer console may have more words.

    Raises: KeyError when the API has no such operation, so that no command asks for what is not there.
    """
    schemas: dict[str, Schema] = openapi["components"]["schemas"]
    queries: dict[str, Schema] = {}
    roots: list[str] = []
    for method, path in used:
        operation = openapi["paths"][PREFIX + path][method.lower()]
        roots += _refs(operation.get("requestBody", {}))
        roots += [one for code, answer in operation["responses"].items() if code[0] == "2" for one in _refs(answer)]
        if query := _query(operation):
            queries[f"{path_name(path)}Query"] = query
    names = _names(schemas)
    parts = [_struct(names[key], schemas[key], names) for key in _ordered(roots, schemas)]
    parts += [_struct(name, schema, names) for name, schema in sorted(queries.items())]
    body = "\n\n" + "\n\n\n".join(parts) + "\n" if parts else ""
    needed = [word for word in ("UNSET", "Struct", "UnsetType", "field") if re.search(rf"\b{word}\b", body)]
    head = HEAD.replace("UNSET, Struct, UnsetType, field", ", ".join(needed))
    return head + body


def path_name(path: str) -> str:
    """`/findings/{id}` as `Findings`."""
    return "".join(word.title() for word in re.findall(r"[a-z]+", re.sub(r"\{.*?\}", "", path)))


def _query(operation: Schema) -> Schema | None:
    """What a list takes in its address, but for paging, as if it were an object."""
    found = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    properties = {one["name"]: one["schema"] for one in found if one["name"] not in PAGING}
    return {"properties": properties, "required": [], "nullable": True} if properties else None


def _refs(schema: object) -> list[str]:
    """Keys of the components that a part of the description refers to, in its order."""
    if isinstance(schema, dict):
        found = [str(schema["$ref"]).rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
        return found + [one for value in schema.values() for one in _refs(value)]
    return [one for value in schema for one in _refs(value)] if isinstance(schema, list) else []


def _ordered(roots: Iterable[str], schemas: dict[str, Schema]) -> list[str]:
    """All that the roots lead to, each after what it needs. Pages are left out: the client follows them."""
    done: list[str] = []
    begun: set[str] = set()

    def visit(key: str) -> None:
        if key in begun:
            return
        begun.add(key)
        for one in _refs(schemas[key].get("properties", {})):
            visit(one)
        if schemas[key].get("type") == "object" and not _is_page(schemas[key]):
            done.append(key)

    for root in sorted(roots):
        visit(root)
    return done


def _is_page(schema: Schema) -> bool:
    return {"items"} == set(schema["properties"]) - {"next"}


def _names(schemas: dict[str, Schema]) -> dict[str, str]:
    """A class name for each component: its title, or its whole key where two have the same. Words are texts."""
    titles = [schema.get("title", key) for key, schema in schemas.items()]
    found = {}
    for key, schema in schemas.items():
        title = schema.get("title", key)
        named = re.sub(r"\W|_", "", key if titles.count(title) > 1 else title)
        found[key] = named if schema.get("type") == "object" else _type(schema, {})
    return found


def _struct(name: str, schema: Schema, names: dict[str, str]) -> str:
    about = str(schema.get("description", "")).strip().partition("\n")[0].replace('"', "'")
    lines = [f"class {name}({_STRUCT}):"]
    lines += [f'    """{about}"""', ""] if about else []
    required = set(schema.get("required", ()))
    for field, shape in schema["properties"].items():
        nullable = bool(schema.get("nullable"))
        lines.append("    " + _field(field, shape, names, required=field in required, nullable=nullable))
    return "\n".join(lines if schema["properties"] else [*lines, "    pass"])


def _field(field: str, shape: Schema, names: dict[str, str], *, required: bool, nullable: bool) -> str:
    kind, default = _type(shape, names), ""
    if nullable:
        kind, default = kind if "None" in kind.split(" | ") else f"{kind} | None", "None"
    elif not required:
        kind, default = _default(kind, shape)
    own = field + "_" if keyword.iskeyword(field) or not field.isidentifier() else field
    own = re.sub(r"\W", "_", own)
    if own != field:
        given = f"default={default}, " if default else ""
        default = f"field({given}name={json.dumps(field)})"
    return f"{own}: {kind}" + (f" = {default}" if default else "")


def _default(kind: str, shape: Schema) -> tuple[str, str]:
    """What stands for a field that is not there: its default, nothing where that may be, else that it was not told."""
    if "None" in kind.split(" | "):
        return kind, "None"
    if kind.startswith("tuple["):
        return kind, "()"
    if kind.startswith("dict["):
        return kind, "{}"
    if isinstance(shape.get("default"), str | int | float | bool):
        return kind, json.dumps(shape["default"]) if isinstance(shape["default"], str) else repr(shape["default"])
    return f"{kind} | UnsetType", "UNSET"


def _type(shape: Schema, names: dict[str, str]) -> str:
    if "$ref" in shape:
        return names[shape["$ref"].rpartition("/")[2]]
    for several in ("oneOf", "anyOf"):
        if several in shape:
            return " | ".join(_sorted(_type(one, names) for one in shape[several]))
    kind = shape.get("type", "object" if "enum" not in shape else "string")
    if isinstance(kind, list):
        return " | ".join(_sorted(_type({**shape, "type": one}, names) for one in kind))
    if kind == "array":
        return f"tuple[{_type(shape['items'], names) if shape.get('items') else 'object'}, ...]"
    if kind == "object":
        more = shape.get("additionalProperties")
        return f"dict[str, {_type(more, names) if isinstance(more, dict) and more else 'object'}]"
    return _SCALARS[kind]


def _sorted(kinds: Iterable[str]) -> Iterator[str]:
    """Each once, with None at the end."""
    each = dict.fromkeys(kinds)
    yield from (kind for kind in each if kind != "None")
    yield from (kind for kind in each if kind == "None")

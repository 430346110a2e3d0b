"""The command line knows the API as it is, and its types are written as the generator says."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.house import api_types

ROOT = Path(__file__).parents[2]


def openapi() -> dict[str, Any]:
    """What the API says of itself; whether that is true is tested beside it."""
    described: dict[str, Any] = json.loads((ROOT / "src/rightshift/console/api/openapi.json").read_text())
    return described


def test_types_are_what_the_api_says() -> None:
    text = api_types.module(openapi())
    if os.environ.get("SNAPSHOT") == "write":
        (ROOT / api_types.PATH).write_text(text)
    assert (ROOT / api_types.PATH).read_text() == text, "SNAPSHOT=write pytest tests/house writes it anew"


def test_what_a_command_asks_for_is_there() -> None:
    with pytest.raises(KeyError):
        api_types.module(openapi(), [("GET", "/nothing")])


def test_each_kind_of_field_has_its_type_and_default() -> None:
    schemas = {
        "Leaf": {"title": "Leaf", "type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]},
        "Word": {"title": "Word", "type": "string", "enum": ["a", "b"]},
        "Root": {
            "title": "Root",
            "type": "object",
            "description": "What it is.\nMore.",
            "required": ["leaf", "word"],
            "properties": {
                "leaf": {"$ref": "#/components/schemas/Leaf"},
                "word": {"$ref": "#/components/schemas/Word"},
                "from": {"type": "integer", "default": 3},
                "many": {"type": "array", "items": {"$ref": "#/components/schemas/Leaf"}},
                "map": {"type": "object", "additionalProperties": {"type": "number"}},
                "nothing": {"oneOf": [{"type": "null"}, {"type": "boolean"}]},
                "untold": {"type": "string"},
            },
        },
        "Page[Root]": {
            "title": "Page[Root]",
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/components/schemas/Root"}},
                "next": {"type": "string"},
            },
        },
    }
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page[Root]"}}}}
    query = [
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {"name": "kind", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
    ]
    paths = {"/api/v1/roots": {"get": {"parameters": query, "responses": {"200": answer}}}}
    text = api_types.module({"components": {"schemas": schemas}, "paths": paths}, [("GET", "/roots")])
    made: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, "made", "exec"), made)
    root = made["Root"](leaf=made["Leaf"](x="1"), word="a")
    assert (root.from_, root.many, root.map, root.nothing) == (3, (), {}, None)
    assert '    """What it is."""' in text
    assert 'field(default=3, name="from")' in text
    assert "untold: str | UnsetType = UNSET" in text
    assert "class RootsQuery" in text
    assert "kind: tuple[str, ...] | None = None" in text
    assert "limit" not in text
    assert "Page" not in text

"""Finishes the description of the API that the framework makes of the routes. What is served of it: `description`."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from rightshift import parts
from rightshift.console.api import examples
from rightshift.console.api.examples import kind
from rightshift.console.door.problems import MEDIA_TYPE, TITLES

_ALWAYS = (400, 401, 403, 429, 500, 503)
_NUMBERS = {"integer", "number"}
_OF_A_BODY = (413,)
_OF_AN_ID = (404,)
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def finish(described: dict[str, Any]) -> dict[str, Any]:
    """The description with examples, with all refusals, and with what a value and a body can really be."""
    examples.put(described, examples.declared())
    for operation in operations(described):
        _refused(operation)
    _closed(described["components"]["schemas"], closed())
    found: dict[str, Any] = _unions(described)
    return found


def operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All of them."""
    for path in described["paths"].values():
        for method, operation in path.items():
            if method in examples.METHODS:
                yield operation


def closed() -> Iterator[type[Struct]]:
    """Bodies, and what lies in them, that take no fields which they don't have."""
    for module in parts.modules("rightshift.console.api"):
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, Struct) and one.__struct_config__.forbid_unknown_fields:
                yield one


def _refused(operation: dict[str, Any]) -> None:
    """What any route may answer, also one that does not say so; a token that does not hold is refused by all."""
    of_a_body = _OF_A_BODY if "requestBody" in operation else ()
    of_an_id = _OF_AN_ID if any(one["in"] == "path" for one in operation.get("parameters", ())) else ()
    for status in sorted({*_ALWAYS, *of_a_body, *of_an_id}):
        refusal = {"description": TITLES[status], "content": _PROBLEM}
        said = operation["responses"].setdefault(str(status), refusal)
        if status == 400 and MEDIA_TYPE not in said.get("content", {}):
            said |= refusal  # the framework's own shape, which is not ours


def _closed(schemas: dict[str, Any], structs: Iterator[type[Struct]]) -> None:
    kinds = {kind(one) for one in structs}
    for schema in schemas.values():
        if (schema.get("title", ""), frozenset(schema.get("properties", ()))) in kinds:
            schema["additionalProperties"] = False


def _unions(said: Any) -> Any:
    """A whole number is a number too, and null is anything: of `oneOf` both it would be neither."""
    if isinstance(said, list):
        return [_unions(one) for one in said]
    if not isinstance(said, dict):
        return said
    made = {name: _unions(one) for name, one in said.items()}
    several = made.get("oneOf")
    if isinstance(several, list) and ({} in several or {one.get("type") for one in several} >= _NUMBERS):
        made["anyOf"] = made.pop("oneOf")
    return made

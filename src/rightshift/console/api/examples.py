"""Puts examples into the description of the API. They stand beside the routes, as EXAMPLES: things as they are sent."""

from collections.abc import Iterable, Iterator
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, RequestBody, Schema
from msgspec import Struct, json
from msgspec.structs import fields

from rightshift import parts

_JSON = "application/json"
METHODS = frozenset({"get", "put", "post", "delete", "patch"})


def declared() -> Iterator[Struct]:
    """All examples, found by being there."""
    for _, those in parts.declared("rightshift.console.api", "EXAMPLES", tuple):
        yield from those


def put(described: dict[str, Any], given: Iterable[Struct]) -> None:
    """Adds to each body and each answer that goes well the example of its kind, where one is given."""
    schemas: dict[str, dict[str, Any]] = described["components"]["schemas"]
    shown = {kind(type(one)): json.decode(json.encode(one)) for one in given}
    for content in _contents(described):
        said = content.get(_JSON, {})
        name = said.get("schema", {}).get("$ref", "").rpartition("/")[2]
        schema = schemas.get(name)
        if schema is not None and "example" not in said:
            its = (schema.get("title", ""), frozenset(schema.get("properties", ())))
            if its in shown:
                said["example"] = shown[its]


def documents(examples: dict[str, object]) -> RequestBody:
    """A body that is one of these documents, by media type, each with an example."""
    schema = Schema(type=OpenAPIType.OBJECT)
    content = {kind: OpenAPIMediaType(schema=schema, example=example) for kind, example in examples.items()}
    return RequestBody(content=content, required=True)


def _contents(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in described["paths"].values():
        for method, operation in path.items():
            if method in METHODS:
                yield operation.get("requestBody", {}).get("content", {})
                for status, answer in operation["responses"].items():
                    if status.startswith("2"):
                        yield answer.get("content", {})


def kind(struct: type[Struct]) -> tuple[str, frozenset[str]]:
    """Several structs have the same name in places of their own: their fields tell them apart."""
    return struct.__name__, frozenset(field.encode_name for field in fields(struct))

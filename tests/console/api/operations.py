"""All operations of the real application, from its own table of routes: a new one is there by being there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.routes import HTTPRoute

from rightshift.config import Config
from rightshift.console import app
from rightshift.console.auth.permission import Public, Requires


@dataclass(frozen=True)
class Operation:
    """One method of one path. `described` is what the description says of it, empty for what it leaves out."""

    method: str
    path: str
    parameters: tuple[str, ...]
    guard: Requires | Public
    described: dict[str, Any] = field(hash=False, compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def permission(self) -> str:
        """Its name; `-` where it needs none."""
        return str(self.guard.permission) if isinstance(self.guard, Requires) else "-"

    @property
    def takes_json(self) -> str | None:
        """Name of the kind of thing that its body is; None where it has none, or any bytes."""
        content = self.described.get("requestBody", {}).get("content", {}).get("application/json", {})
        name = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        return name or None

    def query(self, *, required: bool = False) -> dict[str, dict[str, Any]]:
        """Parameters that stand behind the question mark, with their schemas."""
        given = self.described.get("parameters", ())
        return {
            one["name"]: one["schema"]
            for one in given
            if one["in"] == "query" and (one.get("required", False) or not required)
        }

    def fields(self) -> dict[str, dict[str, Any]]:
        """Fields of its body, with their schemas; none where it is any bytes."""
        schema = described()["components"]["schemas"][self.takes_json] if self.takes_json else {}
        fields: dict[str, dict[str, Any]] = schema.get("properties", {})
        return fields


def kinds(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All that a value may be: itself, each of several, what stands in a list."""
    yield schema
    for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from kinds(described()["components"]["schemas"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one)


def table(application: Any) -> Litestar:
    """The application itself, without what stands around it."""
    while not isinstance(application, Litestar):
        application = application.app
    return application


@cache
def described() -> dict[str, Any]:
    """What the API says of itself."""
    return app.description()


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation but the answers to OPTIONS, which the framework gives by itself."""
    nothing: Any = None
    made = table(app.create(nothing, Config(home=Path("/nonexistent")), nothing))
    found = []
    for route in made.routes:
        assert isinstance(route, HTTPRoute), f"{route.path}: this walk knows no such routes"
        for handler in route.route_handlers:
            for method in sorted(handler.http_methods - {"OPTIONS"}):
                (guard,) = (one for one in handler.guards or () if isinstance(one, Requires | Public))
                said = described()["paths"].get(route.path_format, {}).get(method.lower(), {})
                found.append(Operation(method, route.path_format, tuple(route.path_parameters), guard, said))
    assert len({str(one) for one in found}) == len(found)
    return tuple(sorted(found, key=str))


@cache
def example(name: str) -> dict[str, Any]:
    """The example that the description shows for a body of this kind."""
    for one in operations():
        if one.takes_json == name:
            content = one.described["requestBody"]["content"]["application/json"]
            shown: dict[str, Any] = content["example"]
            return shown
    raise LookupError(name)

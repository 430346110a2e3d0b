"""Finishes the description of the API that the framework makes of the routes. What is served of it: `description`."""

from typing import Any

from rightshift.console.api import examples


def finish(described: dict[str, Any]) -> dict[str, Any]:
    """The description with examples, and with unions that a value can be of."""
    examples.put(described, examples.declared())
    found: dict[str, Any] = _unions(described)
    return found


def _unions(said: Any) -> Any:
    """A whole number is a number too, so that of `oneOf` both it would be neither."""
    if isinstance(said, list):
        return [_unions(one) for one in said]
    if not isinstance(said, dict):
        return said
    made = {name: _unions(one) for name, one in said.items()}
    several = made.get("oneOf")
    if isinstance(several, list) and {"type": "number"} in several and {"type": "integer"} in several:
        made["anyOf"] = made.pop("oneOf")
    return made

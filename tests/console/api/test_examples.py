"""What the description shows as an example is one: it fits its schema, and each body and answer has its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from msgspec import Struct

from rightshift.console import app
from rightshift.console.api import examples

DESCRIBED = app.description()


@dataclass(frozen=True)
class Content:
    """What is sent or comes back in one way."""

    where: str
    media_type: str
    said: dict[str, Any]


def contents() -> Iterator[Content]:
    for path, operations in DESCRIBED["paths"].items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            for media_type, said in operation.get("requestBody", {}).get("content", {}).items():
                yield Content(where, media_type, said)
            for status, answer in operation["responses"].items():
                for media_type, said in answer.get("content", {}).items() if status.startswith("2") else ():
                    yield Content(f"{where}: {status}", media_type, said)


CONTENTS = [one for one in contents() if re.search(r"[/+]json$", one.media_type)]


@pytest.mark.parametrize("content", CONTENTS, ids=[f"{one.where} {one.media_type}" for one in CONTENTS])
def test_it_fits_its_schema(content: Content) -> None:
    assert "example" in content.said, "add one to EXAMPLES, beside the route"
    schema = content.said["schema"] | {"components": DESCRIBED["components"]}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(content.said["example"])] == []


def test_none_is_left_over() -> None:
    shown = {content.said["schema"].get("$ref", "").rpartition("/")[2] for content in CONTENTS}
    assert {type(one).__name__ for one in examples.declared()} <= shown


def test_of_two_of_one_name_each_gets_its_own() -> None:
    class Line(Struct):
        text: str

    schema = {"title": "Line", "type": "object", "properties": {"text": {}}}
    other = {"title": "Line", "type": "object", "properties": {"text": {}, "at": {}}}
    answers = {
        status: {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
        for status, name in (("200", "a"), ("201", "b"), ("400", "a"))
    }
    described: dict[str, Any] = {
        "components": {"schemas": {"a": schema, "b": other}},
        "paths": {"/": {"get": {"responses": answers}, "parameters": []}},
    }
    examples.put(described, [Line("x")])
    shown = {status: answer["content"]["application/json"].get("example") for status, answer in answers.items()}
    assert shown == {"200": {"text": "x"}, "201": None, "400": None}

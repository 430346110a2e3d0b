"""The description of the API that comes with the package is the one of its routes."""

import json
import os
import re
from pathlib import Path

import rightshift.console.api
from rightshift.console import app
from rightshift.console.api import described, description, files

FILE = Path(rightshift.console.api.__file__).with_name(description.NAME)


def written() -> str:
    return json.dumps(app.description(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_it_is_up_to_date() -> None:
    if os.environ.get("SNAPSHOT") == "write":
        FILE.write_text(written())
    assert FILE.read_text() == written(), "SNAPSHOT=write pytest tests/console/api/test_description.py writes it anew"


def test_every_operation_says_what_it_does_and_how_it_fails() -> None:
    said = json.loads(FILE.read_text())
    assert said["openapi"].startswith("3.1")
    operations = [one for path in said["paths"].values() for one in path.values() if isinstance(one, dict)]
    assert operations
    for one in operations:
        assert one["summary"], one
        assert one["description"], one["summary"]
        assert one["tags"], one["summary"]


def test_a_whole_number_may_be_of_two_kinds() -> None:
    kinds = [{"type": "integer"}, {"type": "number"}, {"type": "null"}]
    said = described.finish({"paths": {}, "components": {"schemas": {"a": {"x": [{"oneOf": kinds}]}}}})
    assert said["components"]["schemas"]["a"] == {"x": [{"anyOf": kinds}]}


def test_lists_are_files_too_and_documents_have_bodies() -> None:
    paths = json.loads(FILE.read_text())["paths"]
    listed = paths["/api/v1/findings"]["get"]["responses"]["200"]["content"]
    assert listed.keys() == set(files.MEDIA_TYPES.values())
    for path, method in (("ingest/scans", "post"), ("ingest/facts", "post"), ("vex", "put")):
        assert "application/json" in paths[f"/api/v1/{path}"][method]["requestBody"]["content"], path


def test_what_a_text_must_look_like_holds_to_its_very_end() -> None:
    """`$` alone leaves room for a line end."""
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', FILE.read_text())
    assert len(patterns) > 10
    for pattern in map(json.loads, patterns):
        assert not pattern.endswith("$"), pattern

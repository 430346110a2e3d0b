"""Inputs that lie, from the data set: each is refused with one clear message, or opened with what is lost told."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rightshift.errors import RightshiftError
from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import ImageMaterial
from tests.shared import FOLDER, shared

pytestmark = pytest.mark.shared
MANIFEST = FOLDER / "fixtures/hostile/manifest.json"
OPENING = ("integrity-", "oci-", "single-", "control-")
LATER = {"integrity-diff-id", "integrity-layer-digest"}
"""Told while their layers are read, which `scan` does."""


def _cases() -> list[dict[str, Any]]:
    cases = json.loads(MANIFEST.read_text()) if MANIFEST.exists() else []
    return [case for case in cases if case["id"].startswith(OPENING) and case["stored"] == "archive"]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = shared("fixtures/hostile/unpack.py")
    out = tmp_path_factory.mktemp("hostile")
    only = "^(" + "|".join(OPENING) + ")"
    subprocess.run(
        [sys.executable, str(program), str(out), "--small", "--only", only],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return out


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["id"])
def test_hostile_inputs_end_as_they_must(unpacked: Path, case: dict[str, Any]) -> None:
    path = unpacked / case["id"] / case["input"]
    allowed = case["must"]["exit"]
    options = Options(platform="linux/amd64", stores=Stores(docker=(), podman=(), containerd=()))
    try:
        found = open_source(str(path), options)
    except RightshiftError as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert "error-clear" in allowed, told
        assert not any(text in told for text in case["must"]["never"] if text.isprintable())
        return
    gaps = found.gaps if isinstance(found, ImageMaterial) else ()
    found.close()
    if isinstance(found, ImageMaterial) and case["id"] not in LATER:
        assert "partial" in allowed if gaps else "clean" in allowed, gaps


def test_there_are_cases() -> None:
    shared("fixtures/hostile/manifest.json")
    assert len(_cases()) > 40

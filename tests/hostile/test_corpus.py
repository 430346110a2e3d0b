"""Each input of the hostile corpus ends as it may end: with what is good, what was lost, or a clear refusal."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hostile.case import Case, misses, of_manifest
from tests.hostile.command import Ran, ran
from tests.hostile.conftest import CORPUS, manifest, remove

ENTRIES = manifest()
CASES = [of_manifest(entry) for entry in ENTRIES if entry["stored"] == "archive"]
LARGE = [of_manifest(entry) for entry in ENTRIES if entry["stored"] == "generator"]
RACES = 25


def each(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """A test for each case; none, with the reason, where the corpus isn't here."""
    none = pytest.param(None, marks=pytest.mark.skip("the hostile corpus of the data set is not here"), id="none")
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in cases] or [none])


@pytest.mark.shared
@pytest.mark.usefixtures("nothing_leaves")
@each(CASES)
def test_it_ends_as_it_may(case: Case, small_corpus: Path, tmp_path: Path) -> None:
    check(case, small_corpus / case.id, tmp_path)


@pytest.mark.prove
@pytest.mark.shared
@pytest.mark.usefixtures("nothing_leaves")
@each(LARGE)
def test_a_large_one_ends_as_it_may(case: Case, whole_corpus: Path, tmp_path: Path) -> None:
    check(case, whole_corpus / case.id, tmp_path)


@pytest.mark.prove
@pytest.mark.shared
@pytest.mark.usefixtures("nothing_leaves")
@each([case for case in CASES if case.mutations])
def test_a_race_is_won_whenever_it_is_run(case: Case, small_corpus: Path, tmp_path: Path) -> None:
    for _ in range(RACES):
        check(case, small_corpus / case.id, tmp_path)


def check(case: Case, folder: Path, scratch: Path) -> None:
    """Fails the test with all that was missed."""
    if missed := misses(case.must, scanned(case, folder, scratch)):
        pytest.fail("\n".join(missed), pytrace=False)


def scanned(case: Case, folder: Path, scratch: Path) -> Ran:
    """One case, run as it asks for. What changes meanwhile is a copy."""
    if case.user is not None and os.geteuid() != 0:
        pytest.skip("needs root, to scan as another user")
    # twice the time, so that the report says by how much it was missed
    seconds = case.must.max_seconds * 2
    with changing(case, folder, scratch) if case.mutations else _still(folder) as place:
        return ran(case.arguments, place, seconds=seconds, user=case.user)


@contextmanager
def _still(folder: Path) -> Iterator[Path]:
    yield folder


@contextmanager
def changing(case: Case, folder: Path, scratch: Path) -> Iterator[Path]:
    """A copy of a case's folder that is changed all the time."""
    copy = scratch / "changing"
    shutil.copytree(folder, copy, symlinks=True)
    words = [str(copy / case.name), *case.mutations, str(case.must.max_seconds)]
    helper = subprocess.Popen([sys.executable, "-B", str(CORPUS / "mutate.py"), *words], stderr=subprocess.DEVNULL)
    try:
        yield copy
        assert helper.poll() is None, "the input stopped changing before the scan ended"
    finally:
        helper.kill()
        helper.wait()
        remove(copy)

"""What may be asked for to be scanned: names of images, and what reads this machine's files."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console import wanted
from rightshift.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("nginx", "image"),
        ("ghcr.io/a/b:1", "image"),
        ("registry:localhost:5000/a", "registry"),
        ("docker:nginx:1", "docker"),
        ("host:", "host"),
        ("host:/mnt", "host"),
        ("dir:/srv/app", "directory"),
        ("docker-archive:/srv/a.tar", "docker-archive"),
    ],
)
def test_a_reference_says_what_it_is(text: str, kind: str) -> None:
    assert wanted.kind(text) == kind


@pytest.mark.parametrize(
    "text", ["", " nginx", "a\nb", "dir:etc", "dir:", "/etc", "./a", "../a", "Nginx", "a" * 1_001, "file:~/x"]
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        wanted.kind(text)


@pytest.mark.parametrize(
    ("kind", "local"), [("image", False), ("registry", False), ("docker", False), ("host", True), ("sbom", True)]
)
def test_what_reads_files_of_this_machine_is_known(kind: str, local: bool) -> None:
    assert wanted.is_local(kind) is local


def test_a_name_is_no_file_even_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nginx").mkdir()
    monkeypatch.chdir(tmp_path)
    assert wanted.reference("nginx").kind == "image"


@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(UsageError):
        wanted.kind(text)

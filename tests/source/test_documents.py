"""Single files."""

import os
from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source import documents


def test_a_file_is_open_with_its_name_and_size(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(b"12345")
    found = documents.open_document(str(tmp_path / "a.jar"), "file:a.jar", "file")
    assert (found.name, found.size_bytes, found.subject.name) == ("a.jar", 5, "file:a.jar")
    assert os.pread(found.fd, 10, 0) == b"12345"
    found.close()


def test_a_link_that_a_person_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(b"12345")
    (tmp_path / "link.jar").symlink_to("a.jar")
    found = documents.open_document(str(tmp_path / "link.jar"), "x", "sbom")
    assert (found.name, found.size_bytes, found.subject.kind) == ("link.jar", 5, "sbom")
    found.close()


@pytest.mark.parametrize("name", ["pipe", "folder", "none", "loop", "nowhere", "/dev/zero", "file/x", "nul\0"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere").symlink_to("missing")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(SourceError):
        documents.open_document(str(tmp_path / name), "x", "file")
    assert len(os.listdir("/proc/self/fd")) == before

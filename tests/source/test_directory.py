"""Folders and hosts as trees."""

import os
from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source import directory


def test_a_folder_is_open_and_nothing_in_it_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = directory.open_directory(str(tmp_path), "name")
    assert (found.subject.kind, found.subject.name, found.skip) == ("directory", "name", ())
    assert os.listdir(found.fd) == ["file"]
    found.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.listdir(found.fd)


def test_of_this_host_all_that_is_no_disk_is_left_out_with_its_kind() -> None:
    found = directory.open_host("/", "host:")
    skipped = dict(found.skip)
    assert found.subject.kind == "host"
    assert skipped["proc"] == "proc: no files of the host"
    assert skipped["var/lib/docker"].startswith("the store of Docker:")
    assert not any(path.startswith("/") for path in skipped)
    found.close()


def test_a_host_that_is_mounted_somewhere_has_no_mounts_of_this_one(tmp_path: Path) -> None:
    found = directory.open_host(str(tmp_path), "host:x")
    assert {reason.partition(" of ")[0] for _, reason in found.skip} == {"the store"}
    found.close()


def test_a_store_that_the_host_moved_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "etc/docker").mkdir(parents=True)
    (tmp_path / "etc/docker/daemon.json").write_text('{"data-root": "/data/docker"}')
    found = directory.open_host(str(tmp_path), "host:x")
    assert "data/docker" in dict(found.skip)
    found.close()


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    for opener in (directory.open_directory, directory.open_host):
        with pytest.raises(SourceError, match="can't be read"):
            opener(str(tmp_path / name), "x")

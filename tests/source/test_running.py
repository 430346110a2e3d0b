"""Roots of running processes. The process of these tests stands in for a container's."""

import os
from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source import running

NAME = "c0ffee" + "0" * 58


def _process(proc: Path, stat: str = "7 (a ) b) S" + " 0" * 18 + " 4711 0", cgroup: str = f"0::/docker/{NAME}") -> Path:
    place = proc / "7"
    (place / "root/etc").mkdir(parents=True)
    (place / "stat").write_text(stat)
    (place / "cgroup").write_text(cgroup)
    return place


def test_the_root_of_a_containers_process_is_opened(tmp_path: Path) -> None:
    _process(tmp_path)
    found = running.open_container(7, NAME, "docker:web", tmp_path)
    assert (found.subject.kind, found.subject.name, found.one_file_system) == ("container", "docker:web", True)
    assert os.listdir(found.fd) == ["etc"]
    found.close()


def test_a_process_that_belongs_to_another_is_not_looked_into(tmp_path: Path) -> None:
    _process(tmp_path, cgroup="0::/user.slice")
    with pytest.raises(SourceError, match="does not belong to the container c0ffee000000"):
        running.open_container(7, NAME, "x", tmp_path)


def test_a_process_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not run any more"):
        running.open_container(7, NAME, "x", tmp_path)


def test_a_root_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    place = _process(tmp_path)
    (place / "root/etc").rmdir()
    (place / "root").rmdir()
    with pytest.raises(SourceError, match="root of process 7 can't be read"):
        running.open_container(7, NAME, "x", tmp_path)


def test_a_real_process_is_read_the_same_way() -> None:
    group = Path("/proc/self/cgroup").read_text().strip().rpartition(":")[2] or "/"
    found = running.open_container(os.getpid(), group, "x")
    assert os.fstat(found.fd).st_ino == os.stat("/").st_ino
    found.close()

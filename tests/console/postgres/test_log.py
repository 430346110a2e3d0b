"""What the server says stays within two files, and nothing stops it from saying it."""

import io
from pathlib import Path

from rightshift.console.postgres.log import FILE_BYTES, LINE_BYTES, Log


def test_two_files_hold_the_newest_lines_and_never_more(tmp_path: Path) -> None:
    log = Log(tmp_path / "postgres.log")
    line = b"x" * 1_000 + b"\n"
    log.follow(io.BytesIO(line * 4_000 + b"the last one\n"))
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) < 2 * (FILE_BYTES + LINE_BYTES)
    assert (tmp_path / "postgres.log").read_bytes().endswith(b"the last one\n")
    assert log.last.splitlines()[-1] == "the last one"
    assert log.lost == 0


def test_a_line_without_an_end_is_cut_into_pieces(tmp_path: Path) -> None:
    log = Log(tmp_path / "postgres.log")
    log.follow(io.BytesIO(b"y" * (3 * FILE_BYTES)))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2 * (FILE_BYTES + LINE_BYTES)


def test_what_can_not_be_written_is_counted_and_read_on(tmp_path: Path) -> None:
    log = Log(tmp_path / "no such folder" / "postgres.log")
    log.follow(io.BytesIO(b"one\ntwo \xff\n"))
    assert (log.lost, log.last) == (2, "one\ntwo \\xff")


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    Log(tmp_path / "postgres.log").follow(io.BytesIO(b"one\n"))
    assert (tmp_path / "postgres.log").stat().st_mode & 0o777 == 0o600

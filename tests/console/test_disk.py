"""A disk that is nearly full is seen; where no database lies on ours nothing is said of it."""

from pathlib import Path

import pytest

from rightshift.console import disk


def test_what_is_left_is_what_others_than_root_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disk.left_bytes(tmp_path) > 0
    monkeypatch.setattr(disk, "LEAST_BYTES", 1)
    assert not disk.nearly_full(tmp_path)
    monkeypatch.setattr(disk, "LEAST_BYTES", 1 << 62)
    assert disk.nearly_full(tmp_path)
    assert not disk.nearly_full(None)
    assert not disk.nearly_full(tmp_path / "absent")

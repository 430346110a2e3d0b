"""Scans, as people run them, while the feed is swapped under them: each goes by one feed, and names it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rightshift.feed import file
from tests.feed.bucket import feed, osv
from tests.hostile.command import ran

NAMES = [f"name-{number}" for number in range(60)]
SECONDS = 60.0


@pytest.mark.parametrize(
    ("swaps", "scans"), [(5, 4), pytest.param(100, 20, marks=pytest.mark.prove)], ids=["a few", "many"]
)
def test_each_scan_goes_by_one_feed(tmp_path: Path, swaps: int, scans: int) -> None:
    lineages = {built(tmp_path / word, word): word for word in ("odd", "even")}
    contents = [files(tmp_path / word) for word in ("odd", "even")]
    home = tmp_path / "home"
    (home / "feed").mkdir(parents=True)
    put(home / "feed", contents[0])
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "Cargo.lock").write_text("version = 4\n" + "".join(map(entry, NAMES)))

    def scan(_: int) -> set[tuple[str, str]]:
        environ = {"RIGHTSHIFT_HOME": str(home)}
        done = ran(["scan", "dir:tree", "--json", "--no-cache"], tmp_path, seconds=SECONDS, environ=environ)
        assert (done.status, done.err, done.left) == (0, b"", ()), done
        report = json.loads(done.out)
        words = [record.split("-")[1] for match in report["matches"] for record in match["records"]]
        assert len(words) == len(NAMES)
        return {(lineages[report["feed"]["lineage"]], word) for word in words}

    with file.locked(home / "feed"), ThreadPoolExecutor(4) as threads:
        running = [threads.submit(scan, number) for number in range(scans)]
        swapped = 0
        while swapped < swaps or not all(one.done() for one in running):
            swapped += 1
            put(home / "feed", contents[swapped % 2])
    assert all(one.result() in ({("odd", "odd")}, {("even", "even")}) for one in running)


def built(folder: Path, word: str) -> str:
    """The lineage of a feed in which each record's id holds the word."""
    return feed(folder, [osv(f"T-{word}-{name}", "crates.io", name, "introduced 0") for name in NAMES]).lineage


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (file.FEED, file.THREAT)}


def put(folder: Path, contents: dict[str, bytes]) -> None:
    """As an update ends: both files, one after the other."""
    for name, content in contents.items():
        with file.beside(folder, name) as new:
            new.write_bytes(content)
            file.swap(new, folder / name)


def entry(name: str) -> str:
    source = "registry+https://github.com/rust-lang/crates.io-index"
    return f'[[package]]\nname = "{name}"\nversion = "1.0.0"\nsource = "{source}"\n'

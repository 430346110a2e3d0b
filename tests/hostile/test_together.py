"""Scans that run at the same time on few processors: each still keeps to what it must, in its own budget."""

import gzip
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile.case import Case, Must, misses
from tests.hostile.command import Ran
from tests.hostile.test_corpus import CASES, LARGE, scanned

LOCK = (
    b'version = 4\n[[package]]\nname = "smallvec"\nversion = "1.6.0"\nsource = "registry+https://example.org/index"\n'
)
FOUND = "pkg:cargo/smallvec@1.6.0"
ORDINARY = Must(exit=("clean",), packages_at_least=(FOUND,))
HARD = Must(exit=("partial",), packages_at_least=(FOUND,), max_rss_bytes=512 << 20)

TOGETHER = (
    "bomb-gzip-layer-8g",
    "bomb-jar-10k-nested",
    "count-dpkg-100k",
    "count-python-20k",
    "binary-go-mod-200k",
    "special-sparse-jar-1t",
    "count-long-lines",
)


def ordinary(folder: Path) -> Case:
    """A tree as there are many."""
    for number in range(200):
        place = folder / "in" / f"service-{number}"
        place.mkdir(parents=True)
        (place / "Cargo.lock").write_bytes(LOCK)
    return Case(id="ordinary", kind="tree", name="in", must=ORDINARY)


def deep(folder: Path) -> Case:
    """JSON within JSON, beside a good lock file."""
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "package-lock.json").write_bytes(b'{"a":' * 3_000_000)
    (folder / "in" / "Cargo.lock").write_bytes(LOCK)
    return Case(id="deep", kind="tree", name="in", must=HARD)


def packed(folder: Path) -> Case:
    """A jar whose manifest unpacks to a gigabyte, beside a good lock file."""
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "Cargo.lock").write_bytes(LOCK)
    with zipfile.ZipFile(folder / "in" / "a.jar", "w", zipfile.ZIP_DEFLATED) as jar:
        with jar.open("META-INF/MANIFEST.MF", "w") as member:
            for _ in range(64):
                member.write(bytes(4 << 20))
    return Case(id="packed", kind="tree", name="in", must=HARD)


def layered(folder: Path) -> Case:
    """A file that is a packed tree, and goes on for half a gigabyte behind it."""
    folder.mkdir(parents=True)
    (folder / "in.tar.gz").write_bytes(gzip.compress(bytes(64 << 20)) * 8)
    return Case(id="layered", kind="file", name="in.tar.gz", must=Must(exit=("clean", "partial", "error-clear")))


@pytest.mark.usefixtures("nothing_leaves")
def test_four_at_once_end_as_they_may(tmp_path: Path) -> None:
    cases = [make(tmp_path / make.__name__) for make in (ordinary, deep, packed, layered)]
    together(cases, tmp_path, tmp_path / "scratch")


@pytest.mark.prove
@pytest.mark.shared
@pytest.mark.usefixtures("nothing_leaves")
def test_eight_at_once_end_as_they_may(whole_corpus: Path, tmp_path: Path) -> None:
    hostile = [case for case in LARGE if case.id in TOGETHER]
    assert len(hostile) == len(TOGETHER)
    own = ordinary(tmp_path / "own" / "ordinary")
    for case in hostile:
        (tmp_path / "own" / case.id).symlink_to(whole_corpus / case.id)
    together([own, *hostile], tmp_path / "own", tmp_path / "scratch")


@pytest.mark.prove
@pytest.mark.shared
@pytest.mark.usefixtures("nothing_leaves")
def test_the_corpus_eight_at_a_time_ends_as_it_may(small_corpus: Path, tmp_path: Path) -> None:
    still = [case for case in CASES if not case.mutations]
    for at in range(0, len(still), 8):
        together(still[at : at + 8], small_corpus, tmp_path / str(at))


def together(cases: Iterable[Case], folder: Path, scratch: Path) -> None:
    """Starts all at once; fails the test with all that was missed."""
    waiting = list(cases)
    for case in waiting:
        (scratch / case.id).mkdir(parents=True)
    with ThreadPoolExecutor(len(waiting)) as threads:
        started = [threads.submit(scanned, case, folder / case.id, scratch / case.id) for case in waiting]
        runs = [one.result() for one in started]
    found = [f"{case.id}: {miss}" for case, run in zip(waiting, runs, strict=True) for miss in missed(case, run)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def missed(case: Case, run: Ran) -> list[str]:
    """What one of them missed, its time on a processor too."""
    used = run.cpu_seconds
    late = [f"used {used:.1f} s of a processor of {case.must.max_seconds:.0f}"] if used > case.must.max_seconds else []
    return misses(case.must, run) + late

"""A feed carried by hand does what a fetched one does; a file that was cut or changed on its way does nothing."""

import json
import random
from pathlib import Path

import pytest

from rightshift.feed import file
from rightshift.feed.bundle import bring as bring_bundle
from rightshift.feed.signature import SignatureRefused
from tests.feed.bucket import feed, many, osv
from tests.feed.test_bundle import digest
from tests.hostile.command import Ran, ran

FLIPS = 1_000
STEP_BYTES = 64 << 10


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A home with a feed, as an update leaves it; beside it a tree with a package that it knows."""
    feed(tmp_path / "here" / "feed", [*many(60), osv("T-1", "crates.io", "smallvec", "introduced 0", "fixed 1.6.1")])
    (tmp_path / "tree").mkdir()
    source = "registry+https://github.com/rust-lang/crates.io-index"
    lock = f'version = 4\n[[package]]\nname = "smallvec"\nversion = "1.6.0"\nsource = "{source}"\n'
    (tmp_path / "tree" / "Cargo.lock").write_text(lock)
    return tmp_path / "here"


def command(home: Path, *words: str) -> Ran:
    done = ran(words, home.parent, seconds=60, environ={"RIGHTSHIFT_HOME": str(home)})
    assert done.left == ()
    assert b"Traceback" not in done.err
    return done


def carried(here: Path) -> Path:
    """The signed file, with the public key beside it in `key.pem.pub`."""
    done = command(here, "feed", "export", "feed.bundle", "--key", "key.pem")
    assert done.status == 0, done.err
    return here.parent / "feed.bundle"


def bring(there: Path) -> Ran:
    return command(there, "feed", "import", "feed.bundle", "--trust", "key.pem.pub")


def found(home: Path) -> dict[str, object]:
    """A report without what says when it was made and which one it is."""
    done = command(home, "scan", "dir:tree", "--json")
    assert done.status == 0, done.err
    report: dict[str, object] = json.loads(done.out)
    assert report["matches"]
    return {name: value for name, value in report.items() if name not in ("id", "created")}


def test_a_scan_there_says_what_one_here_says(here: Path) -> None:
    carried(here)
    there = here.parent / "there"
    assert bring(there).status == 0
    assert found(there) == found(here)


@pytest.mark.prove
def test_none_of_a_thousand_changed_files_gets_in(here: Path) -> None:
    bundle = carried(here)
    there, places = here.parent / "there", random.Random(11)
    assert bring(there).status == 0
    content, before = bundle.read_bytes(), digest(there / "feed")
    trusted = (here.parent / "key.pem.pub").read_bytes()
    for number in range(FLIPS):
        changed = bytearray(content)
        changed[places.randrange(len(content))] ^= 1 << places.randrange(8)
        bundle.write_bytes(changed)
        with pytest.raises(SignatureRefused):
            bring_bundle(there / "feed", bundle, trusted)
        if number % 50 == 0:
            refused(there, before)
    refused(there, before)


@pytest.mark.prove
def test_no_cut_off_file_gets_in(here: Path) -> None:
    feed(here / "feed", many(20_000))
    bundle = carried(here)
    there, content = here.parent / "there", bundle.read_bytes()
    assert bring(there).status == 0
    before = digest(there / "feed")
    lengths = range(0, len(content), STEP_BYTES)
    assert len(lengths) > 10
    for length in lengths:
        bundle.write_bytes(content[:length])
        refused(there, before)


def refused(there: Path, before: str) -> None:
    """Brings nothing: one clear error, the old feed, no other file."""
    done = bring(there)
    assert (done.status, done.out) == (1, b""), done
    assert done.err.startswith(b"rightshift: error: ")
    assert digest(there / "feed") == before
    assert {path.name for path in (there / "feed").iterdir()} <= {".lock", file.FEED, file.THREAT}

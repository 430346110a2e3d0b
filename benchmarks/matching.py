"""Matching 2,000 packages, and 1,000 look-ups, with the shared records: in a fresh process, and again in the same."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import inputs
from rightshift import config
from rightshift.cli import known
from rightshift.documents.scan import decode, inventory
from rightshift.model.package import Package

SHARED = Path(__file__).parents[2] / "shared" / "feed"
COUNT = 2_000
LISTED = ("--no-match", "--no-cache", "--json", "-q")


def _packages(scratch: Path) -> list[Package]:
    """Those of the npm tree, then of the Debian."""
    found: list[Package] = []
    for at in (inputs.node_modules(), inputs.debian()):
        out = scratch / "scan.json"
        with out.open("wb") as to:
            subprocess.run([inputs.RIGHTSHIFT, "scan", at, *LISTED], stdout=to, check=True)
        found += inventory(decode(out.read_bytes())).packages
    return found[:COUNT]


def _feed(home: Path) -> None:
    """A feed of the shared records in a home of its own."""
    server = subprocess.Popen([sys.executable, SHARED / "serve.py", "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        environment = {**os.environ, "RIGHTSHIFT_HOME": str(home), "RIGHTSHIFT_FEED_URL": address}
        command = [inputs.RIGHTSHIFT, "feed", "update", "-q"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    finally:
        server.terminate()
        server.wait()


def _times(packages: Sequence[Package], home: Path, runs: int) -> list[float]:
    """Milliseconds of each run in this process; the first opens the feed and loads nothing that was not loaded."""
    settings = config.read({"RIGHTSHIFT_HOME": str(home)}, uid=os.getuid())
    known.load()
    times = []
    with known.opened(settings) as feed:
        for _ in range(runs):
            started = time.perf_counter()
            known.rated(packages, feed, datetime.now(UTC))
            times.append((time.perf_counter() - started) * 1e3)
    return times


def main() -> int:
    """Prints the first, median and least time; the first is what a scan pays."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    given = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit("The shared records are not here")
    with tempfile.TemporaryDirectory(prefix="rightshift-bench-") as folder:
        home = Path(folder) / "home"
        _feed(home)
        packages = _packages(Path(folder))
        times = _times(packages, home, given.runs)
        lookups = _times([one for one in packages if one.ecosystem == "npm"][:1000], home, given.runs)
    said = {
        "packages": len(packages),
        "first_ms": times[0],
        "median_ms": statistics.median(times),
        "least_ms": min(times),
    }
    print(json.dumps(said | {"lookups_1000_median_ms": statistics.median(lookups)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""
What the console costs on this machine: memory, idle time and starts of `rightshift up` with its embedded database.

    python -m benchmarks.console [--json] [--idle SECONDS]

It starts one in an empty home, waits until the scan of this machine is worked in, asks a page of each list as a person
would, then looks while nobody asks, stops it and starts it again. Memory is the proportional set size.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.load.processes import Console, console

LISTS = ("findings", "findings/counts", "assets", "packages", "advisories", "scans", "jobs", "status", "topology")
PATIENCE_S = 300


def get(running: Console, headers: Mapping[str, str], path: str) -> Any:
    """What the API says there; ends the program when that is an error."""
    answer = urllib3.request("GET", f"{running.url}/api/v1/{path}", headers=headers)
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {answer.data!r}")
    return answer.json()


def settled(running: Console, headers: Mapping[str, str]) -> Mapping[str, Any]:
    """The status as soon as the scan of this machine has ended and nothing is left to derive."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        ended = [job["state"] for job in get(running, headers, "jobs")["items"] if job["job"] == "scan_source"]
        status: Mapping[str, Any] = get(running, headers, "status")
        behind = status["conclusions"]["waiting"] + status["conclusions"]["unmatched"]
        if ended == ["done"] and status["totals"]["inventories"] and not behind:
            return status
        time.sleep(0.5)
    sys.exit("the first scan did not end in time")


def started_s(home: Path) -> float:
    """After how many seconds a console in that home says that it answers."""
    began = time.monotonic()
    with console(home, looks=True):
        return time.monotonic() - began


def measured(idle_s: float) -> dict[str, Any]:
    """All figures of one run."""
    with tempfile.TemporaryDirectory(prefix="rightshift-") as folder:
        Path(folder).chmod(0o755)  # the database's user passes through it
        home = Path(folder) / "home"
        first_s = started_s(home)
        with console(home, looks=True) as running:
            headers = running.signed_in()
            status = settled(running, headers)
            for path in LISTS:
                get(running, headers, path)
            time.sleep(idle_s / 2)
            before = sum(running.cpu_s().values())
            time.sleep(idle_s)
            busy = (sum(running.cpu_s().values()) - before) / idle_s
            memory = running.memory_mib()
        again_s = started_s(home)
    return {
        "first_start_s": round(first_s, 2),
        "second_start_s": round(again_s, 2),
        "idle_percent_of_a_core": round(100 * busy, 2),
        "memory_mib": {name: round(mib, 1) for name, mib in sorted(memory.items())},
        "memory_all_mib": round(sum(memory.values()), 1),
        "found": status["totals"],
    }


def main() -> int:
    """Prints them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--idle", type=float, default=60, metavar="SECONDS")
    asked = parser.parse_args()
    found = measured(asked.idle)
    if asked.json:
        print(json.dumps(found, indent=2))
        return 0
    print(f"first start   {found['first_start_s']:.2f} s to the first answer")
    print(f"second start  {found['second_start_s']:.2f} s (aim 3)")
    print(f"idle          {found['idle_percent_of_a_core']:.2f} % of a core (aim 1)")
    print(f"memory        {found['memory_all_mib']:.0f} MiB (aim 180):")
    for name, mib in found["memory_mib"].items():
        print(f"              {mib:6.1f}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

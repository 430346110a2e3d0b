"""Runs rightshift, syft and trivy on the same inputs, in turn, and prints a table of ratios."""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import inputs, measure

Command = Callable[[Path, str], list[str]]


@dataclass(frozen=True, slots=True)
class Case:
    """One input, with the words in which each tool is asked for it, and the ratio that is aimed at."""

    name: str
    make: Callable[[], Path]
    ours: str
    syft: str
    trivy: tuple[str, ...]
    aim: float
    skip: tuple[str, ...] = ()
    """Folders that no tool looks into."""


CASES = (
    Case("image, gzip layers", lambda: inputs.image() / "oci", "oci:{}", "oci-dir:{}", ("image", "--input"), 0.5),
    Case(
        "image, uncompressed", lambda: inputs.image() / "app.tar", "{}", "docker-archive:{}", ("image", "--input"), 1.0
    ),
    Case("node_modules", inputs.node_modules, "{}", "dir:{}", ("rootfs",), 0.5),
    Case("jars", inputs.jars, "{}", "dir:{}", ("rootfs",), 0.7),
    Case("Go binaries", inputs.go_binaries, "{}", "dir:{}", ("rootfs",), 1.0),
    Case("this machine", lambda: Path("/"), "host:", "", ("rootfs",), 0.5, skip=inputs.OURS),
)


def commands(scratch: Path, more: Sequence[str] = ()) -> dict[str, Callable[[Case, Path], list[str] | None]]:
    syft = shutil.which("syft", path=str(inputs.RIGHTSHIFT.parent))
    trivy = inputs.trivy()

    def skipped(case: Case) -> list[str]:
        return [*case.skip, *more] if case.skip else []

    def ours(case: Case, at: Path) -> list[str]:
        skip = [word for folder in skipped(case) for word in ("--skip", folder)]
        listed = ["--no-match", "--no-cache", "--json", "-q"]
        return [str(inputs.RIGHTSHIFT), "scan", case.ours.format(at), *skip, *listed]

    def with_syft(case: Case, at: Path) -> list[str] | None:
        return [syft, "scan", case.syft.format(at), "-o", "syft-json", "-q"] if syft and case.syft else None

    def with_trivy(case: Case, at: Path) -> list[str] | None:
        if not trivy:
            return None
        cache = inputs.trivy_cache(scratch / "trivy")
        skip = [word for folder in skipped(case) for word in ("--skip-dirs", folder)]
        options = ["--cache-dir", str(cache), *inputs.TRIVY_OPTIONS, *skip]
        return [str(trivy), *case.trivy[:1], *options, *case.trivy[1:], str(at)]

    return {"rightshift": ours, "syft": with_syft, "trivy": with_trivy}


def _packages(tool: str, output: Path) -> int:
    document = json.loads(output.read_bytes() or b"{}")
    key = {"rightshift": "packages", "syft": "artifacts", "trivy": "components"}[tool]
    return len(document.get(key) or ())


def _forget(scratch: Path) -> None:
    """A cold run has no layer cache; trivy's Java database stays, without which it refuses to look at jars."""
    shutil.rmtree(scratch / "trivy" / "fanal", ignore_errors=True)


def main() -> int:
    """Prints a row for each input and tool; exit status 0 also where an aim is missed: a figure is no verdict."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="", help="part of an input's name")
    parser.add_argument("--skip", action="append", default=[], help="of this machine, one more folder")
    parser.add_argument("--without", default="", help="tools to leave out, joined by commas")
    given = parser.parse_args()
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false", "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory(prefix="rightshift-bench-") as folder:
        scratch = Path(folder)
        tools = {
            name: tool for name, tool in commands(scratch, given.skip).items() if name not in given.without.split(",")
        }
        print("| input | tool | wall s | CPU s | peak MiB | packages | wall, rightshift to this |")
        print("|---|---|---|---|---|---|---|")
        for case in CASES:
            if given.only not in case.name:
                continue
            at = case.make()
            _rows(case, at, tools, scratch, given.runs, environment)
    return 0


def _rows(
    case: Case,
    at: Path,
    tools: dict[str, Callable[[Case, Path], list[str] | None]],
    scratch: Path,
    runs: int,
    environment: dict[str, str],
) -> None:
    results: dict[str, list[measure.Run]] = {}
    peaks: dict[str, float] = {}
    for turn in range(runs + 1):  # the first warms the page cache for all and is watched instead of timed
        for name, tool in tools.items():
            command = tool(case, at)
            if command is None:
                continue
            _forget(scratch)
            done = measure.run(command, scratch / f"{name}.json", environment, watched=not turn)
            if turn:
                results.setdefault(name, []).append(done)
            else:
                peaks[name] = done.peak_mib
    own = measure.median(results["rightshift"], lambda run: run.wall_s)
    for name, counted in results.items():
        wall = measure.median(counted, lambda run: run.wall_s)
        cpu = measure.median(counted, lambda run: run.cpu_s)
        note = "" if counted[-1].exit_code == 0 else f" (exit {counted[-1].exit_code})"
        ratio = "" if name == "rightshift" else f"{own / wall:.2f} (aim {case.aim})"
        count = _packages(name, counted[-1].output) if not note else 0
        print(
            f"| {case.name} | {name}{note} | {wall:.2f} | {cpu:.2f} | {peaks[name]:.0f} | {count} | {ratio} |",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())

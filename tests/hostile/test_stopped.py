"""A scan that is stopped, at whatever instant, ends within two seconds and leaves no process and no file."""

import gzip
import json
import os
import signal
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tests.hostile.command import Ran, Running, running, tree_of
from tests.hostile.elsewhere import archived

WITHIN_S = 2.0
BOMB_BYTES = 12 << 30
PIECE_BYTES = 64 << 20
SOON = (0.0, 0.4, 1.2)
LATER = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
STOPS = (signal.SIGINT, signal.SIGTERM)


def bomb() -> bytes:
    """A layer that unpacks for longer than any test lasts."""
    return gzip.compress(bytes(PIECE_BYTES), mtime=0) * (BOMB_BYTES // PIECE_BYTES)


def image(folder: Path) -> str:
    """A layout with a bomb for its layer."""
    blobs = folder / "layout" / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(content: bytes, kind: str) -> dict[str, object]:
        name = sha256(content).hexdigest()
        (blobs / name).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{name}", "size": len(content)}

    config = put(
        b'{"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}', "config.v1+json"
    )
    layers = [put(bomb(), "layer.v1.tar+gzip")]
    manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode(), "manifest.v1+json")
    (folder / "layout" / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "layout" / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return "oci:layout"


def archive(folder: Path) -> str:
    """The same in one file, as `docker save` writes it."""
    saved = [{"Config": "config.json", "RepoTags": ["a:1"], "Layers": ["a/layer.tar", "b/layer.tar"]}]
    config = b'{"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}'
    layer = bomb()
    members = {"a/layer.tar": layer, "b/layer.tar": layer + b"\0", "config.json": config}
    (folder / "image.tar").write_bytes(archived({**members, "manifest.json": json.dumps(saved).encode()}))
    return "docker-archive:image.tar"


def directory(folder: Path) -> str:
    """Files that take a reader longer than it has."""
    for name in ("a", "b"):
        (folder / "tree" / name).mkdir(parents=True)
        (folder / "tree" / name / "Cargo.lock").write_bytes(b"x = [\n" + b"  1,\n" * 6_000_000 + b"]\n")
    return "dir:tree"


INPUTS: tuple[Callable[[Path], str], ...] = (image, archive, directory)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def sources(made: Path) -> dict[str, str]:
    """The names of all inputs, in the folder in which they were made."""
    return {make.__name__: make(made) for make in INPUTS}


@pytest.mark.parametrize(("kind", "after_s"), list(zip(("image", "archive", "directory"), SOON, strict=True)))
@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_it_ends_at_once(made: Path, sources: dict[str, str], kind: str, after_s: float, number: int) -> None:
    stops(sources[kind], made, number, after_s)


@pytest.mark.prove
@pytest.mark.parametrize("after_s", LATER)
@pytest.mark.parametrize("kind", ["image", "archive", "directory"])
@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_it_ends_at_any_instant(made: Path, sources: dict[str, str], kind: str, after_s: float, number: int) -> None:
    stops(sources[kind], made, number, after_s)


@pytest.mark.parametrize("kind", ["image", "directory"])
def test_killed_it_takes_its_children_along(made: Path, sources: dict[str, str], kind: str) -> None:
    with running(["scan", sources[kind], "--json", "--no-match"], made) as command:
        children = reading(command)
        command.process.kill()
        assert ended(command).status == -signal.SIGKILL
        assert not left(children)


def stops(source: str, folder: Path, number: int, after_s: float) -> None:
    """Signals that long after the command can hear them."""
    with running(["scan", source, "--json", "--no-match", "--no-cache"], folder) as command:
        hears(command, number)
        assert not command.wait(after_s), f"it ended before: {ended(command)}"
        processes = tree_of(command.process.pid)
        before = time.monotonic()
        command.process.send_signal(number)
        in_time = command.wait(WITHIN_S)
        took = time.monotonic() - before
        ran = command.end(in_time=in_time)
    assert in_time, f"it still ran {took:.1f} s after the signal"
    assert (ran.status, ran.out, ran.left) == (128 + number, b"", ()), ran
    assert b"Traceback" not in ran.err
    assert not left(processes)


def hears(command: Running, number: int) -> None:
    """Waits until the command handles a signal: before, it is the interpreter that starts."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not command.wait(0.01):
        status = Path(f"/proc/{command.process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
    pytest.fail(f"it never listened to {signal.Signals(number).name}")


def reading(command: Running) -> list[int]:
    """Waits until there are children."""
    while not command.wait(0.2):
        if len(found := tree_of(command.process.pid)) > 1:
            return found
    raise AssertionError("it ended by itself")


def ended(command: Running) -> Ran:
    return command.end(in_time=command.wait(WITHIN_S))


def left(processes: list[int]) -> list[int]:
    """Which of these still run; those that just got their signal may need a moment."""
    until = time.monotonic() + WITHIN_S
    while found := [pid for pid in processes if runs(pid)]:
        if time.monotonic() > until:
            return found
        os.sched_yield()
    return []


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False

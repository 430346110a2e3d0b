"""A scan that is stopped, at whatever instant, ends within two seconds and leaves no process and no file."""

import gzip
import json
import random
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
LAYERS = 6
SOON = (0.0, 0.4, 1.2)
LATER = (0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
EARLY, READY_S = 150, 0.15
STOPS = (signal.SIGINT, signal.SIGTERM)


def bombs() -> list[bytes]:
    """Layers that together unpack for longer than any test lasts."""
    bomb = gzip.compress(bytes(PIECE_BYTES), mtime=0) * (BOMB_BYTES // PIECE_BYTES)
    return [bomb + bytes(number) for number in range(LAYERS)]


def image(folder: Path) -> str:
    """A layout with bombs for its layers."""
    blobs = folder / "layout" / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(content: bytes, kind: str) -> dict[str, object]:
        name = sha256(content).hexdigest()
        (blobs / name).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{name}", "size": len(content)}

    config = put(
        b'{"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}', "config.v1+json"
    )
    layers = [put(bomb, "layer.v1.tar+gzip") for bomb in bombs()]
    manifest = put(json.dumps({"schemaVersion": 2, "config": config, "layers": layers}).encode(), "manifest.v1+json")
    (folder / "layout" / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "layout" / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return "oci:layout"


def archive(folder: Path) -> str:
    """The same in one file, as `docker save` writes it."""
    saved = [{"Config": "config.json", "RepoTags": ["a:1"], "Layers": [str(number) for number in range(LAYERS)]}]
    config = b'{"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}'
    members = {str(number): bomb for number, bomb in enumerate(bombs())}
    members |= {"config.json": config, "manifest.json": json.dumps(saved).encode()}
    (folder / "image.tar").write_bytes(archived(members))
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


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["image", "archive", "directory"])
def test_it_ends_while_it_gets_ready(made: Path, sources: dict[str, str], kind: str) -> None:
    instants = random.Random(kind)
    for _ in range(EARLY):
        stops(sources[kind], made, instants.choice(STOPS), instants.random() * READY_S)


@pytest.mark.parametrize("kind", ["image", "directory"])
def test_killed_it_takes_its_children_along(made: Path, sources: dict[str, str], kind: str) -> None:
    with running(["scan", sources[kind], "--json", "--no-match"], made) as command:
        reading(command)
        command.process.kill()
        ran = ended(command)
    assert ran.status == -signal.SIGKILL
    assert "a process of its group" not in ran.left


def stops(source: str, folder: Path, number: int, after_s: float) -> None:
    """Signals that long after the command can hear them."""
    with running(["scan", source, "--json", "--no-match", "--no-cache"], folder) as command:
        hears(command, number)
        assert not command.wait(after_s), f"it ended before: {ended(command)}"
        before = time.monotonic()
        command.process.send_signal(number)
        in_time = command.wait(WITHIN_S)
        took = time.monotonic() - before
        ran = command.end(in_time=in_time)
    assert in_time, f"it still ran {took:.1f} s after the signal"
    assert (ran.status, ran.out, ran.err, ran.left) == (128 + number, b"", b"", ()), ran


def hears(command: Running, number: int) -> None:
    """Waits until the command handles a signal: before, it is the interpreter that starts."""
    until = time.monotonic() + 20
    while time.monotonic() < until and not command.wait(0.01):
        status = Path(f"/proc/{command.process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
    pytest.fail(f"it never listened to {signal.Signals(number).name}")


def reading(command: Running) -> None:
    """Waits until there are a process that forks and one that reads."""
    while len(tree_of(command.process.pid)) < 3:
        assert not command.wait(0.05), "it ended by itself"


def ended(command: Running) -> Ran:
    return command.end(in_time=command.wait(WITHIN_S))

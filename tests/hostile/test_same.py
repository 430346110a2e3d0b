"""The same input gives the same report, whoever scans it, wherever, and in whatever surroundings."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from rightshift.report import format as reports
from tests.feed.bucket import feed, osv
from tests.hostile.command import ran
from tests.hostile.elsewhere import archived

ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati")
LOCALES = ("C", "C.UTF-8", "tr_TR.UTF-8", "de_DE", "ja_JP.eucJP")
UMASKS = (0o077, 0o022, 0)
USERS = (None, 65534, 12345)
SECONDS = 60.0
FORMATS = reports.names()
LOCK = """version = 4
[[package]]
name = "smallvec"
version = "1.6.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that any user may enter, unlike pytest's."""
    with tempfile.TemporaryDirectory(prefix="rightshift-same-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.parametrize(
    "count", [6, pytest.param(100, marks=pytest.mark.prove)], ids=["a few places", "a hundred places"]
)
@pytest.mark.parametrize("source", ["dir:in", "docker-archive:in.tar"])
def test_a_report_depends_on_its_input_alone(open_folder: Path, source: str, count: int) -> None:
    made = inputs(open_folder / "made")
    (report,) = {reported(made, open_folder / place(number), source, number) for number in range(count)}
    assert b"T-1" in report[1 + FORMATS.index("json")]
    assert b"T-1" in report[1 + FORMATS.index("table")]


def inputs(folder: Path) -> Path:
    """A feed, a tree and an image: with good files, broken ones and names that are no text."""
    records = [
        osv("T-1", "crates.io", "smallvec", "introduced 0", "fixed 1.6.1"),
        osv("T-2", "npm", "a", "introduced 0"),
    ]
    feed(folder / "feed", records)
    tree = {f"srv/{name}/Cargo.lock": LOCK.encode() for name in ("b", "a", "é", "z")}
    tree |= {"srv/package-lock.json": b"\xff", "srv/node_modules/a/package.json": b'{"name": "a", "version": "1.0.0"}'}
    for name, content in tree.items():
        (folder / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / name).write_bytes(content)
    layer = archived(tree)
    diff_id = "sha256:" + sha256(layer).hexdigest()
    config = {"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": [diff_id]}}
    saved = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}]
    image = {"l.tar": layer, "c.json": json.dumps(config).encode(), "manifest.json": json.dumps(saved).encode()}
    (folder / "in.tar").write_bytes(archived(image))
    return folder


def place(number: int) -> str:
    """Folders of other names and depths."""
    return "/".join(f"place {number} ü"[: 3 + number % 8] + str(number) for _ in range(1 + number % 5))


def reported(made: Path, folder: Path, source: str, number: int) -> tuple[bytes, ...]:
    """All formats of one scan of a copy there, without what says when it was made and which one it is."""
    before = os.umask(UMASKS[number % len(UMASKS)] & 0o022)
    try:
        shutil.copytree(made, folder / "made")
    finally:
        os.umask(before)
    user = USERS[number % len(USERS)] if os.geteuid() == 0 else None
    out = folder / "out"
    out.mkdir()
    if user is not None:
        for path in (out, folder / "made", folder / "made" / "feed"):
            os.chown(path, user, user)
    environ = {
        "TZ": ZONES[number % len(ZONES)],
        "LC_ALL": LOCALES[number % len(LOCALES)],
        "PYTHONHASHSEED": str(number),
        "COLUMNS": str(20 + 13 * number % 200),
        "LANGUAGE": "tr" if number % 2 else "",
        "RIGHTSHIFT_HOME": str(folder / "made"),
    }
    outputs = [word for name in FORMATS for word in ("-o", f"{name}=../out/{name}")]
    done = ran(
        ["scan", source, "--no-cache", *outputs],
        folder / "made",
        seconds=SECONDS,
        user=user,
        environ=environ,
        umask=UMASKS[number % len(UMASKS)],
    )
    assert (done.status, done.left) == (0, ()), done
    return (done.out, *(undated(name, (out / name).read_bytes()) for name in FORMATS))


def undated(name: str, content: bytes) -> bytes:
    """A report without its time and its id."""
    if name not in ("json", "cyclonedx", "spdx"):
        return content
    document = json.loads(content)
    for key in ("id", "created", "serialNumber", "documentNamespace"):
        document.pop(key, None)
    document.get("metadata", {}).pop("timestamp", None)
    document.get("creationInfo", {}).pop("created", None)
    return json.dumps(document).encode()

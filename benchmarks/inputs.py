"""
What is measured on: made once from public packages and kept in one folder. Nothing of it is part of the project.

`RIGHTSHIFT_BENCH` names the folder (default: rightshift-bench below the system's folder for temporary files).
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(os.environ.get("RIGHTSHIFT_BENCH", Path(tempfile.gettempdir()) / "rightshift-bench"))

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


def _sh(command: str, folder: Path) -> None:
    subprocess.run(["sh", "-ec", command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _made(name: str, make: Callable[[Path], None]) -> Path:
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
    return _made("debian", lambda at: _sh(f"debootstrap --variant=minbase --include={DEBIAN} bookworm {at}", at))


def node_modules() -> Path:
    """An installed tree of about 2,000 npm packages."""

    def make(at: Path) -> None:
        (at / "package.json").write_text(json.dumps({"name": "bench", "version": "1.0.0"}))
        _sh(f"npm install --ignore-scripts --no-audit --no-fund {' '.join(NODE_PACKAGES)}", at)

    return _made("node", make)


def jars() -> Path:
    """The 250 jars that PySpark ships."""

    def make(at: Path) -> None:
        _sh("pip download --quiet --no-deps --no-build-isolation --no-binary :all: pyspark==3.5.1 || true", at)
        _sh("tar xzf pyspark-*.tar.gz --strip-components=3 --wildcards '*/deps/jars/*.jar' && rm pyspark-*.tar.gz", at)

    return _made("jars", make)


def go_binaries() -> Path:
    """About twenty large executables written in Go."""

    def make(at: Path) -> None:
        _sh(f"apt-get download -qq {' '.join(GO_PACKAGES)}", at)
        _sh("for deb in *.deb; do dpkg-deb -x $deb tree; rm $deb; done", at)
        _sh("find tree -type f -size +1M -exec mv -n {} . ';' && rm -rf tree", at)

    return _made("go", make)


def image() -> Path:
    """The Debian and an npm application: an OCI layout with gzip layers, and a docker archive beside it."""

    def make(at: Path) -> None:
        _sh("umoci init --layout oci && umoci new --image oci:app", at)
        _sh(f"umoci insert --rootless --image oci:app {debian()} /", at)
        _sh(f"umoci insert --rootless --image oci:app {node_modules()} /opt/app", at)
        _sh("skopeo --insecure-policy copy -q oci:oci:app docker-archive:app.tar:app:latest", at)

    return _made("image", make)

"""Builds small images for tests: layers, layouts in folders, archives. Stores of runtimes: beside their tests."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def tar(files: Mapping[str, bytes]) -> bytes:
    """A tar archive with these files, the same bytes each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def as_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def descriptor(content: bytes, media_type: str, **more: object) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(content), "size": len(content), **more}


@dataclass
class Blobs:
    """The blobs of an image by digest, and the descriptor of its manifest."""

    content: dict[str, bytes] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    layers: list[dict[str, Any]] = field(default_factory=list)

    def add(self, content: bytes, media_type: str, **more: object) -> dict[str, Any]:
        made = descriptor(content, media_type, **more)
        self.content[made["digest"]] = content
        return made


def image(
    layers: Sequence[bytes] = (tar({"a": b"1"}), tar({"b": b"2"})),
    architecture: str = "amd64",
    config: Mapping[str, object] | None = None,
    manifest: Mapping[str, object] | None = None,
    config_type: str = CONFIG,
) -> Blobs:
    """An image of gzipped layers; `config` and `manifest` replace fields of these documents."""
    made = Blobs()
    history: list[dict[str, object]] = []
    for number, layer in enumerate(layers):
        made.layers.append(made.add(gzip.compress(layer, mtime=0), LAYER))
        history += [{"created_by": f"COPY {number}"}, {"created_by": "ENV X=1", "empty_layer": True}]
    settings = {
        "architecture": architecture,
        "os": "linux",
        "created": "2024-05-01T10:00:00Z",
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": history,
        **(config or {}),
    }
    made.config = made.add(as_json(settings), config_type)
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": made.config,
        "layers": made.layers,
        **(manifest or {}),
    }
    made.manifest = made.add(as_json(document), MANIFEST)
    return made


def index(*entries: Mapping[str, object], **more: object) -> bytes:
    return as_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(entries), **more})


def layout_files(made: Blobs, *entries: Mapping[str, object]) -> dict[str, bytes]:
    """The files of an OCI layout by path; the index names the image's manifest unless entries are given."""
    files = {
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
        "index.json": index(*(entries or (made.manifest,))),
    }
    for name, content in made.content.items():
        files["blobs/" + name.replace(":", "/")] = content
    return files


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def docker_files(
    layers: Sequence[bytes] = (tar({"a": b"1"}), tar({"b": b"2"})),
    tags: Sequence[str] = ("team/app:1",),
) -> dict[str, bytes]:
    """The members of an archive as docker save wrote them up to version 24."""
    settings = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": [{"created_by": f"COPY {number}"} for number, _ in enumerate(layers)],
    }
    config = as_json(settings)
    name = digest(config).removeprefix("sha256:") + ".json"
    files = {f"{digest(layer)[7:]}/layer.tar": layer for layer in layers}
    saved = [{"Config": name, "RepoTags": list(tags), "Layers": list(files)}]
    return {**files, name: config, "manifest.json": as_json(saved)}

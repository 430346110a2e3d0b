"""What reads foreign bytes outside the catalogue: archives, documents of images, settings. The feed: `feeds.py`."""

import hashlib
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from rightshift.assess import cvss
from rightshift.assess.vex import openvex
from rightshift.catalog import purl
from rightshift.catalog.format import Found
from rightshift.catalog.index import index
from rightshift.cli import gates
from rightshift.cli import suppress as suppressions
from rightshift.cli.streams import Streams
from rightshift.documents import scan as documents
from rightshift.egress.flows import registry_token
from rightshift.errors import RightshiftError, UsageError
from rightshift.model.inventory import Inventory, Subject
from rightshift.scan import channel
from rightshift.scan.cache import Cache, Kept
from rightshift.source import archive, manifest, platforms, reference
from rightshift.source.daemons import bolt
from rightshift.source.registries import credentials, mirrors
from rightshift.tree import inflate
from rightshift.tree.changes import Changes
from rightshift.tree.entry import Body
from rightshift.tree.file import MemoryFile, read_whole
from rightshift.tree.layers import Forward, LayerReader
from rightshift.tree.whiteouts import Stack
from rightshift.tree.zip import Zip
from tests.hostile import seeds
from tests.hostile.readers import Reader, of_bytes, put
from tests.source.daemons import bolts

UNPACKED_BYTES = 64 << 20
MEMBER_BYTES = 8 << 20
TODAY = date(2026, 1, 5)
DIGEST = "sha256:" + "ab" * 32
LINUX = platforms.parse("linux/amd64/v2")


def readers() -> Iterator[Reader]:
    """Each of them once."""
    yield Reader(name="layer", seeds=seeds.layers, read=_layer, refuses=(), cost=4)
    yield Reader(name="layer-stream", seeds=seeds.layers, read=_layer_stream, refuses=(), cost=4)
    yield Reader(name="zip", seeds=_zips, read=_zip)
    yield Reader(name="inflate", seeds=seeds.layers, read=_inflate, cost=2)
    yield Reader(name="whiteouts", seeds=_changes, read=_whiteouts)
    yield Reader(name="docker-archive", seeds=_images, read=_docker, refuses=(RightshiftError,))
    yield Reader(name="oci-archive", seeds=_images, read=_oci, refuses=(RightshiftError,))
    yield of_bytes("image-manifest", _manifests, _manifest, RightshiftError)
    yield of_bytes("image-config", _manifests, manifest.config, RightshiftError)
    yield of_bytes("containerd", _bolts, _bolt)
    yield _of_text("reference", reference.parse, RightshiftError, "nginx:1.25", "registry:h.example:5000/a/b@" + DIGEST)
    yield _of_text("image-name", reference.image_name, RightshiftError, "h.example/a/b:tag", "a@" + DIGEST)
    yield _of_text("platform", platforms.parse, UsageError, "linux/arm/v7", "amd64")
    challenge = 'Bearer realm="https://a.example/token",service="x",scope="repository:a/b:pull", Basic realm=x'
    yield _of_text("challenge", lambda text: registry_token.challenges([text]), (), challenge)
    yield Reader(name="credentials", seeds=_settings, read=_credentials, refuses=(RightshiftError,))
    yield Reader(name="registries-conf", seeds=_settings, read=_mirrors, refuses=(RightshiftError,))
    yield Reader(name="ignore-file", seeds=_settings, read=_ignore_file, refuses=(RightshiftError,))
    yield _of_text("gate", lambda text: gates.parse([text]), UsageError, "kev, severity>=high + fixable", "epss>0.5")
    yield of_bytes("openvex", _statements, openvex.read)
    yield Reader(name="purl", seeds=_purls, read=lambda content, _: [purl.package(_text(content))])
    yield _of_text(
        "cvss", cvss.parse, cvss.MalformedVector, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "AV:N/AC:L"
    )
    yield of_bytes("scan-document", _scans, _scan)
    yield of_bytes("channel", _messages, _channel, (ValueError, msgspec.MsgspecError))
    yield Reader(name="layer-cache", seeds=_kept, read=_cache, refuses=())


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _of_text(
    name: str, read: Callable[[str], object], refuses: type[Exception] | tuple[type[Exception], ...], *valid: str
) -> Reader:
    return of_bytes(name, lambda: [text.encode() for text in valid], lambda content: read(_text(content)), refuses)


def _layer(content: bytes, _folder: Path) -> Iterator[Found]:
    yield from ()
    _read_layer(LayerReader(MemoryFile("", content), index(), want_diff_id=True))


def _layer_stream(content: bytes, _folder: Path) -> Iterator[Found]:
    yield from ()
    _read_layer(LayerReader(Forward(MemoryFile("", content)), index(), media_type="tar+gzip", want_diff_id=True))


def _read_layer(reader: LayerReader) -> None:
    for item in reader:
        if isinstance(item, Body):
            assert len(read_whole(item.file, item.file.size)) == item.file.size
    _look_through(Changes.unpack(reader.outcome.changes.pack()))


def _look_through(changes: Changes) -> None:
    stack = Stack([changes, Changes(), changes])
    for layer in (0, 2):
        for path in (*list(changes.links)[:50], "etc/os-release", "app/gone"):
            stack.canonical(layer, path)
            stack.visible(layer, path)
            stack.resolve(path)
    stack.asked()


def _zips() -> list[bytes]:
    inner = seeds.zipped({"a/b.txt": b"x" * 400, "c": b""})
    return [inner, seeds.zipped({"inner.zip": inner, "d/": b""}), b"#!/bin/sh\n" + inner]


def _zip(content: bytes, _folder: Path) -> Iterator[Found]:
    yield from ()
    opened = Zip(MemoryFile("", content))
    for entry in opened.entries():
        with suppress(ValueError):
            opened.read(entry, MEMBER_BYTES)
        with suppress(ValueError):
            list(opened.nested(entry, MEMBER_BYTES).entries())


def _inflate(content: bytes, _folder: Path) -> Iterator[Found]:
    yield from ()
    kind = inflate.compression(content[:4])
    size = sum(map(len, inflate.chunks(BytesIO(content).read, kind, UNPACKED_BYTES, UNPACKED_BYTES)))
    assert size <= UNPACKED_BYTES


def _changes() -> list[bytes]:
    found = []
    for layer in seeds.layers():
        reader = LayerReader(MemoryFile("", layer), index())
        list(reader)
        found.append(reader.outcome.changes.pack())
    return found


def _whiteouts(content: bytes, _folder: Path) -> Iterator[Found]:
    yield from ()
    _look_through(Changes.unpack(content))


@cache
def _images() -> list[bytes]:
    """An image as `docker save` writes it, and one in a layout inside a file."""
    layer = seeds.tarred(tarfile.PAX_FORMAT)
    blobs: dict[str, bytes] = {}

    def put(content: bytes, kind: str) -> dict[str, object]:
        name = hashlib.sha256(content).hexdigest()
        blobs[f"blobs/sha256/{name}"] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{name}", "size": len(content)}

    diff_id = "sha256:" + hashlib.sha256(layer).hexdigest()
    rootfs = {"type": "layers", "diff_ids": [diff_id]}
    config = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": rootfs, "history": [{"created_by": "x"}]})
    body = {
        "schemaVersion": 2,
        "config": put(config.encode(), "config.v1+json"),
        "layers": [put(layer, "layer.v1.tar")],
    }
    top = {"schemaVersion": 2, "manifests": [put(json.dumps(body).encode(), "manifest.v1+json")]}
    saved = [{"Config": "config.json", "RepoTags": ["a:1"], "Layers": ["a/layer.tar"]}]
    docker = {"a/layer.tar": layer, "config.json": config.encode(), "manifest.json": json.dumps(saved).encode()}
    layout = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(top).encode(), **blobs}
    return [archived(docker), archived(layout)]


def archived(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, BytesIO(content))
    return out.getvalue()


def _docker(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    path = put(content, folder, "image.tar")
    archive.kind(path)
    archive.open_docker(str(path), "image.tar", "", None).close()


def _oci(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    archive.open_oci(str(put(content, folder, "image.tar")), "image.tar", "", None).close()


def _manifests() -> list[bytes]:
    part = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": DIGEST, "size": 7}
    empty = {"digest": "sha256:" + hashlib.sha256(b"{}").hexdigest(), "size": 2}
    whole = {"schemaVersion": 2, "config": {**empty, "mediaType": "application/vnd.oci.image.config.v1+json"}}
    listed = {**part, "platform": {"os": "linux", "architecture": "amd64", "variant": "v2"}, "annotations": {"a": "b"}}
    config = {
        "os": "linux",
        "architecture": "arm64",
        "rootfs": {"diff_ids": [DIGEST]},
        "history": [{"created_by": "x"}],
    }
    documents = ({**whole, "layers": [part, part]}, {"schemaVersion": 2, "manifests": [listed, listed]}, config)
    return [json.dumps(one).encode() for one in documents]


def _manifest(content: bytes) -> None:
    if b"manifests" in content:
        manifest.choose(manifest.index(content, "index.json"), LINUX, "index.json")
        return
    top = manifest.Descriptor(media_type="", digest="sha256:" + hashlib.sha256(content).hexdigest(), size=len(content))
    manifest.resolve(top, lambda _part, kind: content if kind == "manifest" else b"{}", None)


def _bolts() -> list[bytes]:
    many = {f"key-{number}".encode(): b"value" * number for number in range(30)}
    return [bolts.database({b"v1": {b"a": b"1", b"in": {b"b": b"2"}}, b"many": many})]


def _bolt(content: bytes) -> None:
    def look(bucket: bolt.Bucket, depth: int = 0) -> None:
        for key in bucket.keys():  # noqa: SIM118 - a bucket is no mapping
            bucket.value(key)
            inner = bucket.bucket(key)
            if inner is not None and depth < 3:
                look(inner, depth + 1)

    fd = os.memfd_create("bolt")
    try:
        os.write(fd, content)
        bolt.read(fd, look)
    finally:
        os.close(fd)


def _settings() -> list[bytes]:
    auths = {
        "auths": {"h.example/a": {"auth": "dTpw"}, "https://index.docker.io/v1/": {"username": "u", "password": "p"}}
    }
    return [
        json.dumps({**auths, "credHelpers": {"other.example": "x"}, "credsStore": "y"}).encode(),
        b'[[registry]]\nprefix = "h.example/a"\nlocation = "m.example/b"\ninsecure = true\n'
        b'[[registry.mirror]]\nlocation = "n.example"\npull-from-mirror = "digest-only"\n',
        b'[[ignore]]\nid = "CVE-2021-44228"\npackage = "pkg:maven/a/b@1"\npath = "app/**/*.jar"\nreason = "off"\n'
        b"until = 2026-12-31\n",
    ]


def _credentials(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    environment = {"REGISTRY_AUTH_FILE": str(put(content, folder, "auth.json")), "HOME": str(folder)}
    for host in ("h.example", "docker.io", "other.example"):
        credentials.lookup(host, "a/b", environment, lambda _name, _server: content)


def _mirrors(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    mirrors.endpoints(reference.image_name("h.example/a/b:1"), mirrors.read([put(content, folder, "registries.conf")]))


def _ignore_file(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    suppressions.read(put(content, folder, "ignore.toml"), [], Streams(None, None, {}), TODAY)


def _statements() -> list[bytes]:
    product = {"@id": "pkg:oci/app", "identifiers": {"purl": "pkg:oci/app"}, "hashes": {"sha-256": "b" * 64}}
    statement = {
        "vulnerability": {"name": "CVE-2021-44228", "aliases": ["GHSA-jfh8-c2jp-5v3q"]},
        "products": [{**product, "subcomponents": [{"@id": "pkg:maven/a/b@1"}]}],
        "status": "not_affected",
        "justification": "component_not_present",
        "timestamp": "2023-01-09T21:23:03.579712389-06:00",
    }
    about = {"@context": "https://openvex.dev/ns/v0.2.0", "author": "x", "timestamp": "2023-01-08T18:02:03Z"}
    return [json.dumps({**about, "statements": [statement]}).encode()]


def _purls() -> list[bytes]:
    return [
        b"pkg:npm/%40angular/core@17.0.0",
        b"pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12&upstream=glibc%402.36",
        b"pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&epoch=1",
        b"pkg:golang/github.com/a/b@v1.0.0#sub/pkg",
    ]


def _scans() -> list[bytes]:
    found = (purl.package(_text(one)) for one in _purls())
    packages = tuple(one.but(locations=("a/b",)) for one in found)
    subject = Subject(kind="directory", name="app", tags=("x",))
    inventory = Inventory(packages=packages)
    return [documents.encode(documents.of(subject, inventory, created="2026-01-05T08:00:00Z", id="0", catalogue="1"))]


def _scan(content: bytes) -> None:
    read = documents.decode(content)
    documents.inventory(read)
    assert documents.decode(documents.encode(read)) == read


def _messages() -> list[bytes]:
    told = (
        channel.Batch([], [], []),
        channel.Done(3, channel.Outcome("sha256:0", 5, "", b"\0")),
        channel.Failed(1, "x"),
    )
    return [b"".join(map(_framed, told)), _framed(channel.Walls(["seccomp"], ["landlock: none"]))]


def _framed(message: object) -> bytes:
    content = msgspec.msgpack.encode(message)
    return len(content).to_bytes(4, "little") + content


def _channel(content: bytes) -> None:
    for frame in channel.Frames().feed(content):
        channel.decoded(frame)


def _kept() -> list[bytes]:
    with TemporaryDirectory() as folder:
        Cache(Path(folder), "1").put(DIGEST, Kept("sha256:0", 5, [], [], _changes()[0]))
        return [file.read_bytes() for file in Path(folder).rglob("*") if file.is_file()]


def _cache(content: bytes, folder: Path) -> Iterator[Found]:
    yield from ()
    Cache(folder, "1").put(DIGEST, Kept())
    for file in folder.joinpath("layers").rglob("*"):
        if file.is_file():
            file.write_bytes(content)
    if kept := Cache(folder, "1").get(DIGEST):
        _look_through(kept.changes)

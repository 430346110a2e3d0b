"""Images in one file: what docker save, podman, skopeo and builders write, also packed. Layouts: `oci_layout.py`."""

import os
import posixpath
import re
from pathlib import Path

import msgspec

from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Layer, Subject
from rightshift.source import blobs, digest, documents, manifest, oci_layout
from rightshift.source.contents import Contents, Member
from rightshift.source.kind import Kind
from rightshift.source.manifest import Part
from rightshift.source.platforms import Platform
from rightshift.tree import inflate
from rightshift.tree.material import Blob, ImageMaterial

_DOCKER = "manifest.json"
_IMAGE_LIKE = re.compile(
    r"(?:sha256:)?[0-9a-f]{64}(?:/.*|\.json|\.tar(?:\.gz)?)?|repositories|oci-layout|blobs(?:/.*)?"
)
_HEX_NAME = re.compile(r"(?:.*[/:])?([0-9a-f]{64})(?:\.json)?")
_BLOB = re.compile(r"blobs/(sha256|sha512)/([0-9a-f]+)")
_FIRST = 16
"""Members after which an archive that holds nothing of an image is taken for one of a tree."""
_TAR_TYPES = {
    "none": "application/vnd.docker.image.rootfs.diff.tar",
    "gzip": "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
}


class _Saved(msgspec.Struct, rename="pascal"):
    config: str
    repo_tags: list[str] | None = None
    layers: list[str] | None = None


def kind(place: Path) -> Kind:
    """
    What a tar archive holds, packed or not: an image of either form, or a tree.

    Raises:
        SourceError: it can't be read.
    """
    fd = documents.open_regular(place)
    seen: set[str] = set()
    like_image = False
    try:
        for name in Contents.names(fd):
            seen.add(name)
            like_image = like_image or bool(_IMAGE_LIKE.fullmatch(name)) or name in (_DOCKER, oci_layout.INDEX)
            if _DOCKER in seen or (len(seen) >= _FIRST and not like_image):
                break
    except SourceError:
        if not like_image:
            return "file" if not seen else "tar"
    finally:
        os.close(fd)
    if not like_image:
        return "tar" if seen else "file"
    if _DOCKER in seen:
        return "docker-archive"
    if oci_layout.INDEX in seen:
        return "oci-archive"
    return "docker-archive" if any(_HEX_NAME.fullmatch(name.partition("/")[0]) for name in seen) else "tar"


def open_oci(path: str, name: str, entry: str, wanted: Platform | None) -> ImageMaterial:
    """
    An image in a layout that was put into one file.

    Raises:
        SourceError: it is no such archive, is cut off, or a document in it is not what its digest says.
    """
    return oci_layout.image(_Archive(path), name, entry, wanted)


def open_docker(path: str, name: str, entry: str, wanted: Platform | None) -> ImageMaterial:
    """
    An image in the form of docker save; `entry` is its name, its tag or its config's digest there.

    Raises:
        SourceError: as `open_oci`.
    """
    archive = _Archive(path)
    try:
        saved = _pick(_saved(archive, name), entry, name)
        content = _config(archive, saved.config)
        made = manifest.config(content)
        manifest.check_platform(made, wanted)
        layers, gaps = _layers(archive, saved.layers or [], made)
    except BaseException:
        archive.close()
        raise
    subject = Subject(
        kind="image",
        name=name,
        id=digest.sha256(content),
        tags=tuple(saved.repo_tags or ()),
        architecture=made.platform.architecture,
        os=made.platform.os,
        created=made.created,
    )
    return ImageMaterial(subject=subject, layers=layers, gaps=gaps, close=archive.close)


def _saved(archive: "_Archive", name: str) -> list[_Saved]:
    try:
        content = archive.read(_DOCKER, manifest.MANIFEST_BYTES)
        saved = msgspec.json.decode(content, type=list[_Saved])
    except FileNotFoundError as error:
        means = "It is cut off, or was not made by docker save"
        raise SourceError(f"{name} has no {_DOCKER}", means=means) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SourceError(f"{_DOCKER} in {name} can't be read: {str(error)[:200]}") from error
    if not saved or any(len(found.layers or ()) > manifest.DESCRIPTORS for found in saved):
        raise SourceError(f"{name} holds no image, or one of more than {manifest.DESCRIPTORS} layers")
    return saved


def _pick(saved: list[_Saved], entry: str, name: str) -> _Saved:
    tags = ", ".join(tag[:120] for found in saved[:20] for tag in found.repo_tags or [found.config])
    if entry:
        hex_part = entry.removeprefix("sha256:")
        named = [
            found
            for found in saved
            if any(tag == entry or tag.endswith((f":{entry}", f"/{entry}")) for tag in found.repo_tags or ())
            or (len(hex_part) >= 12 and hex_part in found.config)
        ]
        if not named:
            raise SourceError(f"{name}: there is no image “{entry[:120]}” in it", means=f"It has: {tags}")
        return named[0]
    if len(saved) > 1:
        do = "Write the name after it: path:NAME"
        raise SourceError(f"{name} holds several images", means=f"It has: {tags}", do=do)
    return saved[0]


def _config(archive: "_Archive", path: str) -> bytes:
    try:
        content = archive.read(path, manifest.CONFIG_BYTES)
    except FileNotFoundError as error:
        raise SourceError(f"The archive has no {path[:200]}, which is to be the image's config") from error
    named = _HEX_NAME.fullmatch(path)
    if named and digest.sha256(content) != f"sha256:{named[1]}":
        raise SourceError(
            f"{path[:200]} is not what its name says", means="It was damaged or exchanged, so nothing of it was read"
        )
    return content


def _layers(archive: "_Archive", paths: list[str], made: manifest.Config) -> tuple[tuple[Blob, ...], tuple[Gap, ...]]:
    members = [archive.member(path) for path in paths]
    rows, gaps = manifest.layers(tuple(("", member.size_bytes if member else 0) for member in members), made)
    layers, lost = [], list(gaps)
    for path, member, row in zip(paths, members, rows, strict=True):
        if member is None:
            lost.append(Gap(path[:200], "this layer is not in the archive", row.diff_id))
            continue
        packing = archive.compression(member)
        named = _BLOB.fullmatch(path)
        proof = str(digest.parse(f"{named[1]}:{named[2]}")) if named else (row.diff_id if packing == "none" else "")
        layer = Layer(proof, row.diff_id, member.size_bytes, row.created_by)
        layers.append(archive.blob_of(Part(layer, _TAR_TYPES[packing]), member))
    if lost and not layers:
        raise SourceError("None of the image's layers is in the archive", means="Nothing could be scanned")
    return tuple(layers), tuple(lost)


class _Archive:
    """The files of an archive by their names; links in it lead to others in it and nowhere else."""

    def __init__(self, path: str) -> None:
        self._fd = documents.open_regular(path)
        self.close = blobs.closing((self._fd,))
        try:
            self._contents = Contents(self._fd)
        except BaseException:
            self.close()
            raise

    def read(self, path: str, limit_bytes: int) -> bytes:
        member = self.member(path)
        if member is None:
            raise FileNotFoundError(path)
        if member.size_bytes > limit_bytes:
            raise SourceError(f"{path[:200]} is larger than the {limit_bytes} bytes that are read of such a file")
        return self._contents.read(member)

    def member(self, path: str) -> Member | None:
        if path.startswith("/") or ".." in path.split("/"):
            raise SourceError(f"“{path[:200]}” leads out of the archive", means="Nothing outside of it is read")
        return self._contents.find(posixpath.normpath(path))

    def compression(self, member: Member) -> inflate.Compression:
        return inflate.compression(self._contents.head(member)[:4])

    def blob(self, part: Part, path: str) -> Blob:
        member = self.member(path)
        if member is None:
            raise FileNotFoundError(path)
        if member.size_bytes != part.layer.size_bytes:
            raise SourceError(f"{path} has {member.size_bytes} bytes, and its descriptor says {part.layer.size_bytes}")
        return self.blob_of(part, member)

    def blob_of(self, part: Part, member: Member) -> Blob:
        if self._contents.packed:
            return Blob(layer=part.layer, media_type=part.media_type, open=lambda: self._contents.open(member))
        return blobs.in_file(part, self._fd, member.offset, member.size_bytes)

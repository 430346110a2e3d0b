"""Tells by its bytes what a file or folder is. What a person says about it goes first: `reference.py`."""

import re
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.source import below
from rightshift.source.kind import Kind
from rightshift.tree import inflate

HEAD = 1 << 16
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SBOM_JSON = re.compile(rb'"bomFormat"|"spdxVersion"|"SPDXID"|"https://spdx\.org/rdf/')
_SBOM_TEXT = re.compile(rb"http://cyclonedx\.org/schema/bom|\ASPDXVersion:|http://spdx\.org/rdf/terms")
_SBOM_NAMES = (".cdx.json", ".spdx.json", ".cdx.xml", ".spdx", "bom.json", "bom.xml")
_UNPACKED = re.compile(rb"\A\s*(?:\xef\xbb\xbf)?\s*[<{]")


def kind(path: str) -> Kind:
    """
    What lies at a path.

    Raises:
        SourceError: it is neither a folder nor a regular file, or can't be read.
    """
    place = Path(path)
    if place.is_dir():
        return "oci-layout" if _is_layout(place) else "directory"
    if not place.is_file():
        raise SourceError(f"{path} is neither a folder nor a regular file", means="Devices and pipes are never opened")
    try:
        with place.open("rb") as file:
            head = file.read(HEAD)
            file.seek(max(0, place.stat().st_size - 4096))
            tail = file.read(4096)
    except OSError as error:
        raise SourceError(f"{path} can't be read: {below.reason(error)}") from error
    return _file(place, head, tail)


def is_tar(head: bytes) -> bool:
    """
    Whether these bytes begin a tar archive: the magic of POSIX and GNU, or a block whose sum is right.

    Source: POSIX.1-2017, pax, "ustar Interchange Format".
    """
    block = head[:512]
    if len(block) < 512:
        return False
    if block[257:262] == b"ustar":
        return True
    stored = block[148:156].strip(b" \0")
    if not stored or any(byte not in b"01234567" for byte in stored):
        return False
    return int(stored, 8) == sum(block) - sum(block[148:156]) + 8 * 32


def _file(place: Path, head: bytes, tail: bytes) -> Kind:
    if head.startswith(_ZIP):
        return "file" if place.suffix.lower() != ".zip" else "zip"
    if is_tar(head) or inflate.compression(head[:4]) != "none":
        from rightshift.source import archive

        return archive.kind(place)
    if _UNPACKED.match(head) or head.startswith(b"SPDXVersion:"):
        if _SBOM_JSON.search(head) or _SBOM_JSON.search(tail) or _SBOM_TEXT.search(head):
            return "sbom"
        if place.name.lower().endswith(_SBOM_NAMES):
            return "sbom"
    return "file"


def _is_layout(place: Path) -> bool:
    index = place / "index.json"
    if not (index.exists() or index.is_symlink()):
        return False
    return (place / "oci-layout").exists() or (place / "blobs").is_dir()

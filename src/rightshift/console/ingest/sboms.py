"""
A bill of materials of any tool in, a scan document out: read in a confined child, as all that is foreign.

What is kept of the document: `scans.py`. The readers: `catalog/sboms`.
"""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Literal

import msgspec
from msgspec import Struct

from rightshift.console.ingest.scans import RefusedScan
from rightshift.documents import scan as documents
from rightshift.documents.scan import ScanDocument
from rightshift.errors import RightshiftError
from rightshift.scan.budget import Budget

Kind = Literal["rightshift", "cyclonedx", "spdx"]

BUDGET = Budget(total_s=60, file_s=40, silence_s=50, cpu_s=60, answer_bytes=256 << 20, restarts=0)
GRACE_S = 15
ANSWER_BYTES = 256 << 20
_PLAIN = frozenset({"", "application/json", "application/octet-stream", "application/vnd.rightshift.scan+json"})
_OF_TYPE: dict[str, Kind] = {"application/vnd.cyclonedx+json": "cyclonedx", "application/spdx+json": "spdx"}
_IMAGE = re.compile(r"image:(sha256:[0-9a-f]{64})").fullmatch
_FILES: dict[Kind, str] = {"cyclonedx": "bom.cdx.json", "spdx": "bom.spdx.json", "rightshift": "bom.json"}
"""By their names the catalogue knows which reader is meant."""
_GOOD, _BAD = b"+", b"-"


class UnknownType(Exception):
    """The content type of something that is not read here."""


class _Head(Struct):
    """The words by which documents tell what they are; of other types where they lie."""

    schema: object = None
    bomFormat: object = None
    spdxVersion: object = None


class _Component(Struct):
    name: str = ""
    version: str = ""


class _Metadata(Struct):
    component: _Component | None = None
    timestamp: str = ""


class _CycloneDx(Struct):
    metadata: _Metadata | None = None


class _CreationInfo(Struct):
    created: str = ""


class _Spdx(Struct):
    name: str = ""
    creationInfo: _CreationInfo | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What a bill says of itself, and what its sender says of it."""

    content: bytes
    format: Kind
    kind: Literal["image", "sbom"]
    name: str
    image: str
    """Digest of the image's configuration; empty for what is no image."""
    created: str

    @property
    def id(self) -> str:
        """The same for the same bill of the same thing, so that sending it twice is sending it once."""
        digest = sha256(self.content)
        digest.update(f"\0{self.kind}\0{self.image or self.name}".encode())
        return f"sbom-{digest.hexdigest()[:40]}"


def kind_of(content_type: str, content: bytes) -> Kind:
    """
    What a body is, by its content type, else by its own words.

    Raises: UnknownType for a type that is not read here.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if known := _OF_TYPE.get(media_type):
        return known
    if media_type not in _PLAIN:
        raise UnknownType(media_type)
    try:
        head = msgspec.json.decode(content, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "rightshift"  # whose reader says what is wrong
    if head.schema is None and head.bomFormat is not None:
        return "cyclonedx"
    return "spdx" if head.schema is None and head.spdxVersion is not None else "rightshift"


def bill(content: bytes, kind: Kind, asset: str, now: datetime) -> Bill:
    """
    What a bill is about: the image or name that its sender gives (`image:DIGEST`, else a name), else its own name.

    Raises: RefusedScan where nobody says.
    """
    name, created = _said(content, kind)
    image = _IMAGE(asset)
    if not (name := asset or name).strip():
        raise RefusedScan("the bill does not say what it is about: give a name as `asset`")
    return Bill(
        content, kind, "image" if image else "sbom", name, image[1] if image else "", created or now.isoformat()
    )


def _said(content: bytes, kind: Kind) -> tuple[str, str]:
    """Name and time; empty where they are not what they should be."""
    try:
        if kind == "spdx":
            spdx = msgspec.json.decode(content, type=_Spdx)
            return spdx.name, _time(spdx.creationInfo.created if spdx.creationInfo else "")
        metadata = msgspec.json.decode(content, type=_CycloneDx).metadata or _Metadata()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", ""
    component = metadata.component or _Component()
    name = "@".join(filter(None, (component.name, component.version)))
    return name, _time(metadata.timestamp)


def _time(text: str) -> str:
    with suppress(ValueError):
        return datetime.fromisoformat(text).isoformat()
    return ""


async def read(given: Bill) -> ScanDocument:
    """
    The scan document of a bill, read in a process of its own that is gone afterwards.

    Raises: RefusedScan, with a reason, for what can't be read or takes more than its budget.
    """
    with TemporaryFile() as file:
        await asyncio.to_thread(_write, file.fileno(), given.content)
        about = [str(file.fileno()), _FILES[given.format], given.kind, given.name, given.image, given.created, given.id]
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "rightshift.console.ingest.sboms", *map(_argument, about)),
            pass_fds=(file.fileno(),),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            answer = await asyncio.wait_for(_answer(child), BUDGET.total_s + GRACE_S)
        except TimeoutError as error:
            raise RefusedScan("the bill could not be read: it took too long") from error
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
            await child.wait()
    if answer[:1] == _GOOD:
        return await asyncio.to_thread(documents.decode, answer[1:])
    raise RefusedScan(answer[1:].decode("utf-8", "replace") or "the bill could not be read: its reader ended by itself")


async def _answer(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None
    found = bytearray()
    while piece := await child.stdout.read(1 << 18):
        found += piece
        if len(found) > ANSWER_BYTES:
            raise RefusedScan("the bill could not be read: there is too much in it")
    return bytes(found)


def _write(fd: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(fd, left) :]


def _argument(text: str) -> str:
    """What an argument can't hold is made visible."""
    return text.replace("\0", "\\0").encode("utf-8", "replace").decode()


def main(arguments: Sequence[str]) -> int:
    """In the process that reads one bill: its document, or why there is none, on the standard output."""
    from rightshift.catalog import index as catalog_index
    from rightshift.scan.crew import Crew

    with Crew(lambda: catalog_index.index(frozenset()), workers=1) as crew:  # before anything else
        from rightshift.model.inventory import Subject
        from rightshift.scan.run import Options, Scanner
        from rightshift.tree.material import FileMaterial

        fd, file, kind, name, image, created, id = arguments
        subject = Subject(kind="sbom", name=name)
        material = FileMaterial(subject=subject, fd=int(fd), name=file, size_bytes=os.fstat(int(fd)).st_size)
        try:
            document = Scanner(crew, Options(budget=BUDGET)).scan(material, created, id)
        except RightshiftError as error:
            os.write(1, _BAD + str(error).encode("utf-8", "replace")[:1_000])
            return 1
        if kind == "image":
            about = msgspec.structs.replace(document.subject, kind="image", id=image)
            document = msgspec.structs.replace(document, subject=about)
        _write(1, _GOOD + documents.encode(document))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""
What layers hold, kept by blob digest and catalogue version, so that a base image is read once; and what they make
together, kept by all their digests, so that an image that is known is not merged again.

Only what was verified is kept, and what is kept is checked against its shape again. Losing all of it costs time only.
"""

import hashlib
import os
import tempfile
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from rightshift.catalog.walk import Reading
from rightshift.documents.scan import ScanDocument, decode, encode
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.tree.changes import Changes, MalformedChanges

LIMIT_BYTES = 512 << 20
ENTRY_BYTES = 256 << 20
RECENT_BYTES = 3 << 20
"""Layers, as they are kept, that stay at hand unpacked, which takes some times their size."""


class Kept(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """What one layer holds. `diff_id` is the verified one; empty for a layer that wasn't unpacked from a blob."""

    diff_id: str = ""
    size_bytes: int = 0
    readings: list[Reading] = []
    gaps: list[Gap] = []
    packed: bytes = b""

    @cached_property
    def changes(self) -> Changes:
        """What `packed` holds, unpacked once. Raises: MalformedChanges."""
        return Changes.unpack(self.packed) if self.packed else Changes()


class Cache:
    """
    Layer results below one folder. Several processes may use it at once, and several threads this object: of what one
    of them reads already the others wait for the end.
    """

    def __init__(self, folder: Path, catalogue: str) -> None:
        self._folder = folder / "layers"
        self._catalogue = catalogue
        self._decoder = msgspec.msgpack.Decoder(Kept)
        self._added = False
        self._recent: dict[str, tuple[Kept, int]] = {}  # used last stands last
        self._changed = threading.Condition()
        self._being_read: set[str] = set()

    def claim(self, digest: str) -> bool:
        """Whether this blob is ours to read now; `release` it afterwards. False while another thread reads it."""
        with self._changed:
            if digest in self._being_read:
                return False
            self._being_read.add(digest)
            return True

    def release(self, digests: Iterable[str]) -> None:
        """These are read, or given up."""
        with self._changed:
            self._being_read.difference_update(digests)
            self._changed.notify_all()

    def wait_for(self, digest: str) -> None:
        """Until no thread reads this blob."""
        with self._changed:
            self._changed.wait_for(lambda: digest not in self._being_read)

    def _file(self, digest: str) -> Path:
        """`digest` names the content: of one blob, or several in a row for an image."""
        name = hashlib.sha256(f"{digest} {self._catalogue}".encode()).hexdigest()
        return self._folder / name[:2] / name

    def get(self, digest: str) -> Kept | None:
        """What is known of a blob; None when it isn't known, or what was kept is damaged."""
        with self._changed:
            if held := self._recent.pop(digest, None):
                self._recent[digest] = held
                return held[0]
        content = self._content(digest)
        if content is None:
            return None
        try:
            kept = self._decoder.decode(content)
            _ = kept.changes
        except (msgspec.MsgspecError, UnicodeDecodeError, MalformedChanges):
            return None
        self._remember(digest, kept, len(content))
        return kept

    def _remember(self, digest: str, kept: Kept, size: int) -> None:
        """Images of one command often share their base: it is not unpacked for each."""
        with self._changed:
            self._recent[digest] = (kept, size)
            total = sum(size for _, size in self._recent.values())
            while total > RECENT_BYTES:
                _, dropped = self._recent.pop(next(iter(self._recent)))
                total -= dropped

    def image(self, digests: Sequence[str]) -> ScanDocument | None:
        """The document of an image with that config and those layers."""
        content = self._content(" ".join(digests))
        try:
            return None if content is None else decode(content)
        except Malformed:
            return None

    def _content(self, digest: str) -> bytes | None:
        import zstandard

        file = self._file(digest)
        try:
            packed = file.read_bytes()
            with suppress(OSError):
                os.utime(file)  # what was used last goes last
            if zstandard.frame_content_size(packed) > ENTRY_BYTES:  # which stands above `max_output_size`
                return None
            return zstandard.ZstdDecompressor().decompress(packed, max_output_size=ENTRY_BYTES)
        except (OSError, zstandard.ZstdError):
            return None

    def put_image(self, digests: Sequence[str], document: ScanDocument) -> None:
        """Keeps the document of an image of which nothing was lost."""
        self._keep(" ".join(digests), encode(document))

    def put(self, digest: str, kept: Kept) -> None:
        """Keeps what a verified blob holds."""
        content = msgspec.msgpack.encode(kept)
        self._keep(digest, content)
        self._remember(digest, kept, len(content))

    def _keep(self, digest: str, content: bytes) -> None:
        """A full or read-only disk is no reason to stop a scan."""
        import zstandard

        packed = zstandard.ZstdCompressor(level=1).compress(content)
        file = self._file(digest)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_beside(file, packed)
            self._added = True

    def trim(self) -> None:
        """Removes what was not used for longest while there is more than `LIMIT_BYTES`."""
        if not self._added:
            return
        with suppress(OSError):
            files = [(entry.stat(), entry) for folder in self._folder.iterdir() for entry in folder.iterdir()]
            total = sum(stat.st_size for stat, _ in files)
            for stat, entry in sorted(files, key=lambda pair: pair[0].st_mtime_ns):
                if total <= LIMIT_BYTES:
                    break
                entry.unlink(missing_ok=True)
                total -= stat.st_size


def _write_beside(file: Path, content: bytes) -> None:
    fd, temporary = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(fd, "wb") as out:
            out.write(content)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

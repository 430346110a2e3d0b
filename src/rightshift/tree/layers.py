"""One pass over a layer: its digests, the bodies that are wanted, and what it changes. Unpacked ones: `overlay.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.tree import bodies, inflate, tar
from rightshift.tree.changes import Changes, Recorder
from rightshift.tree.digest import Algorithm, Hashing, HashingFile
from rightshift.tree.entry import Body, Limits, Wants
from rightshift.tree.file import File
from rightshift.tree.gaps import at_most
from rightshift.tree.material import Readable

RATIO_BYTES = 16 << 30
"""From here on a stream that unpacks to 200 times its size is a bomb; sparse logs in real layers reach some GiB."""

LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What a layer proved to be. `digest` and `size_bytes` are of the bytes as they came.

    `diff_id` is empty when it was not asked for or not everything was unpacked. `as_declared` is false when the media
    type named another compression than the bytes have.
    """

    digest: str
    size_bytes: int
    diff_id: str
    unpacked_bytes: int
    compression: inflate.Compression
    as_declared: bool
    changes: Changes


class LayerReader:
    """
    Iterate once, then ask for the `outcome`.

    `source` is a stream, or a file when the layer lies here: then an uncompressed one is looked into where it lies. It
    stays its owner's. `also` are exact paths, as the layer writes them, that are wanted up to a size whatever `wants`
    says. A path can come twice: the later one counts.

    Damage and limits are gaps, what stands before them is given. Iterating raises only what the source raises.
    """

    def __init__(
        self,
        source: Readable | File,
        wants: Wants,
        *,
        media_type: str = "",
        limits: Limits = LIMITS,
        want_diff_id: bool = False,
        also: Mapping[str, int] = MappingProxyType({}),
        algorithm: Algorithm = "sha256",
    ) -> None:
        self._source = source
        self._wants = wants
        self._media_type = media_type
        self._limits = limits
        self._want_diff_id = want_diff_id
        self._also = also
        self._algorithm = algorithm
        self._outcome: Outcome | None = None

    @property
    def outcome(self) -> Outcome:
        """Raises ValueError before the iteration has ended."""
        if self._outcome is None:
            raise ValueError("the layer was not read to its end")
        return self._outcome

    def __iter__(self) -> Iterator[Body | Gap]:
        source = self._source
        if not isinstance(source, File):
            return at_most(self._streamed(source))
        if inflate.compression(source.pread(0, 4)) == "none":
            return at_most(self._in_place(source))
        return at_most(self._streamed(Forward(source)))

    def _in_place(self, file: File) -> Iterator[Body | Gap]:
        """An uncompressed archive that lies here: hashed in a second thread, bodies stepped over."""
        recorder = Recorder()
        algorithms: set[Algorithm] = {self._algorithm, "sha256"} if self._want_diff_id else {self._algorithm}
        hashing = HashingFile(algorithms, file.size, file.pread)
        try:
            archive = tar.Seekable(file.size, file.pread)
            yield from bodies.in_place(archive, file, self._wants, self._also, self._limits, recorder)
            digest = hashing.digest(self._algorithm)
        finally:
            hashing.stop()
        diff_id = hashing.digest("sha256") if self._want_diff_id else ""
        self._end(digest, file.size, diff_id, file.size, "none", recorder)

    def _streamed(self, source: Readable) -> Iterator[Body | Gap]:
        """A stream: hashed in a second thread before and behind the unpacking, to the end whatever is found in it."""
        recorder = Recorder()
        with Hashing((self._algorithm, "sha256")) as hashing:
            packed = _Packed(source, hashing)
            kind = packed.compression()
            alike = kind == "none" and self._algorithm == "sha256"
            apart = hashing if self._want_diff_id and not alike else None
            unpacked = _Unpacked(packed, kind, self._limits, apart)
            yield from bodies.from_stream(tar.Stream(unpacked.chunks), self._wants, self._also, self._limits, recorder)
            yield from unpacked.drain()
            packed.drain()
        diff_id = hashing.digest(0 if alike else 1) if self._want_diff_id and unpacked.whole else ""
        self._end(hashing.digest(0), packed.size, diff_id, unpacked.size, kind, recorder)

    def _end(
        self, digest: str, size: int, diff_id: str, unpacked: int, kind: inflate.Compression, recorder: Recorder
    ) -> None:
        declared = self._media_type.partition(";")[0]
        named = "gzip" if declared.endswith("gzip") else "zstd" if declared.endswith("zstd") else "none"
        self._outcome = Outcome(
            digest=digest,
            size_bytes=size,
            diff_id=diff_id,
            unpacked_bytes=unpacked,
            compression=kind,
            as_declared=not declared or named == kind,
            changes=recorder.changes(),
        )


class Forward:
    """A file read from front to end."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int, /) -> bytes:
        chunk = self._file.pread(self._at, size)
        self._at += len(chunk)
        return chunk

    def close(self) -> None:
        """Nothing: the file is somebody else's."""


class _Packed:
    """The bytes as they come, each counted and given to the hashing thread."""

    def __init__(self, source: Readable, hashing: Hashing) -> None:
        self.size = 0
        self._source = source
        self._hashing = hashing
        self._head = b""

    def compression(self) -> inflate.Compression:
        while len(self._head) < 4 and (more := self._read(inflate.READ_BYTES)):
            self._head += more
        return inflate.compression(self._head)

    def read(self, size: int) -> bytes:
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._read(size)

    def drain(self) -> None:
        while self._read(inflate.READ_BYTES):
            pass

    def _read(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self.size += len(chunk)
        if chunk:
            self._hashing.add(0, chunk)
        return chunk


class _Unpacked:
    """The unpacked bytes, each counted and, where there is one, given to the hashing thread. `whole` at a good end."""

    def __init__(self, packed: _Packed, kind: inflate.Compression, limits: Limits, hashing: Hashing | None) -> None:
        self.size = 0
        self.whole = False
        self.chunks = self._run(inflate.chunks(packed.read, kind, limits.unpacked_bytes, RATIO_BYTES), hashing)

    def drain(self) -> Iterator[Gap]:
        """What stands behind the archive's end still has to be right, and counts for the digest."""
        try:
            for _ in self.chunks:
                pass
        except Malformed as error:
            yield Gap("", str(error))

    def _run(self, chunks: Iterator[bytes], hashing: Hashing | None) -> Iterator[bytes]:
        for chunk in chunks:
            self.size += len(chunk)
            if hashing:
                hashing.add(1, chunk)
            yield chunk
        self.whole = True

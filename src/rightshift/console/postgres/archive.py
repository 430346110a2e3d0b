"""
The file that a backup is: what is in it and how it is checked. Filled by `dump.py`, emptied by `restore.py`.

A ZIP archive: `manifest.json`, and a table's rows as COPY's text format, compressed by Zstandard, in `NNNN.copy.zst`.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import IO, TYPE_CHECKING

from rightshift.console.postgres.contents import Name, Sequence, Table
from rightshift.errors import Malformed

if TYPE_CHECKING:
    from zipfile import ZipFile

FORMAT = 1
CHUNK_BYTES = 1 << 20
_MANIFEST = "manifest.json"
_MANIFEST_BYTES = 16 << 20
_TABLES = 10_000
_WINDOW_BYTES = 8 << 20
_NAME_CHARS = 63
"""Source: PostgreSQL, "Identifiers and Key Words": longer names are cut."""


class MalformedBackup(Malformed):
    """Not a file that a backup wrote, or damaged since."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What one table had: so many rows, in so many bytes of COPY's text format with this digest."""

    table: Table
    rows: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`revision`: which schema the rows are of. `without`: tables that were left out."""

    revision: str
    server: str
    written: str
    tables: tuple[Rows, ...]
    sequences: tuple[Sequence, ...]
    without: tuple[str, ...]


def write_rows(file: "ZipFile", number: int, pieces: Iterator[bytes]) -> tuple[int, str]:
    """Size and digest of what was written."""
    import zstandard

    digest, size = sha256(), 0
    with file.open(_member(number), "w", force_zip64=True) as member:
        with zstandard.ZstdCompressor(level=3).stream_writer(member, closefd=False) as writer:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                writer.write(piece)
    return size, digest.hexdigest()


def read_rows(file: "ZipFile", number: int, rows: Rows) -> Iterator[bytes]:
    """
    The bytes of one table, never more than the manifest says.

    Raises: MalformedBackup, at the latest after the last of them.
    """
    import zipfile
    import zlib

    import zstandard

    digest, size = sha256(), 0
    try:
        with file.open(_member(number)) as member:
            reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_BYTES).stream_reader(member)
            while piece := reader.read(CHUNK_BYTES):
                size += len(piece)
                if size > rows.size_bytes:
                    break
                digest.update(piece)
                yield piece
    except (KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error, zstandard.ZstdError, NotImplementedError) as e:
        raise MalformedBackup(f"the rows of {rows.table.name} can't be read: {e}") from e
    if (size, digest.hexdigest()) != (rows.size_bytes, rows.sha256):
        raise MalformedBackup(f"the rows of {rows.table.name} are not those that were written")


def write_manifest(file: "ZipFile", manifest: Manifest) -> None:
    """Last: an archive without it is not finished."""
    file.writestr(_MANIFEST, json.dumps({"format": FORMAT} | asdict(manifest), indent=1))


def opened(file: IO[bytes]) -> "ZipFile":
    """Raises: MalformedBackup."""
    import zipfile

    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise MalformedBackup("not a backup of rightshift, or one that was not finished") from error


def read_manifest(file: "ZipFile") -> Manifest:
    """Raises: MalformedBackup."""
    import zipfile
    import zlib

    try:
        with file.open(_MANIFEST) as member:
            said = json.loads(member.read(_MANIFEST_BYTES))
        if said["format"] != FORMAT:
            raise MalformedBackup(f"of format {said['format']!a}, and this version reads {FORMAT}")
        if len(said["tables"]) > _TABLES or len(said["sequences"]) > _TABLES:
            raise MalformedBackup(f"more than {_TABLES} tables")
        return Manifest(
            revision=_text(said["revision"]),
            server=_text(said["server"]),
            written=_text(said["written"]),
            tables=tuple(_rows(one) for one in said["tables"]),
            sequences=tuple(_sequence(one) for one in said["sequences"]),
            without=tuple(_text(one) for one in said["without"]),
        )
    except (KeyError, TypeError, ValueError, RecursionError, OSError, EOFError, NotImplementedError) as error:
        if isinstance(error, MalformedBackup):
            raise
        raise MalformedBackup("its manifest can't be read") from error
    except (zipfile.BadZipFile, zlib.error) as error:
        raise MalformedBackup("its manifest is damaged") from error


def _rows(said: dict[str, object]) -> Rows:
    table = said["table"]
    if not isinstance(table, dict):
        raise MalformedBackup("a table without a name")
    columns = tuple(_text(column) for column in table["columns"])
    return Rows(
        Table(_name(table["name"]), columns),
        _count(said["rows"]),
        _count(said["size_bytes"]),
        _text(said["sha256"], 64),
    )


def _sequence(said: dict[str, object]) -> Sequence:
    last, used = said["last"], said["used"]
    if not isinstance(last, int) or not isinstance(used, bool) or not -(2**63) <= last < 2**63:
        raise MalformedBackup("a sequence without a state")
    return Sequence(_name(said["name"]), last, used)


def _name(said: object) -> Name:
    if not isinstance(said, dict):
        raise MalformedBackup("a name that is none")
    return Name(_text(said["schema"]), _text(said["name"]))


def _text(said: object, most_chars: int = 4 * _NAME_CHARS) -> str:
    if not isinstance(said, str) or len(said) > most_chars or "\0" in said:
        raise MalformedBackup("a text that is none")
    return said


def _count(said: object) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not 0 <= said < 2**63:
        raise MalformedBackup("a number that is none")
    return said


def _member(number: int) -> str:
    return f"{number:04}.copy.zst"

"""The feed as one signed file, for places without a network: whole, or what changed. Its signature: `signature.py`."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from rightshift.errors import FeedError
from rightshift.feed import file, guard, signature, threat
from rightshift.feed.upstreams.fetch import OLD, Progress, silent

BUNDLE_BYTES = 4 << 30
PART_BYTES = 16 << 30
HEADER_BYTES = 64 << 10
CHUNK_BYTES = 1 << 20

_CHANGED = (
    "INSERT INTO package SELECT * FROM whole.package WHERE generation > ?",
    "INSERT INTO advisory SELECT * FROM whole.advisory WHERE generation > ?",
    "INSERT INTO gone SELECT * FROM whole.gone WHERE generation > ?",
)
_UNCHANGED = ("INSERT INTO alias SELECT * FROM whole.alias", "INSERT INTO listing SELECT * FROM whole.listing")
_APPLIED = (
    "DELETE FROM main.advisory WHERE id IN (SELECT id FROM part.gone)",
    "DELETE FROM main.gone WHERE id IN (SELECT id FROM part.advisory)",
    "DELETE FROM main.alias",
    "DELETE FROM main.listing",
    "INSERT OR REPLACE INTO main.package SELECT * FROM part.package",
    "INSERT OR REPLACE INTO main.advisory SELECT * FROM part.advisory",
    "INSERT OR REPLACE INTO main.gone SELECT * FROM part.gone",
    "INSERT INTO main.alias SELECT * FROM part.alias",
    "INSERT INTO main.listing SELECT * FROM part.listing",
    "INSERT OR REPLACE INTO main.meta SELECT * FROM part.meta",
)
"""An increment is a feed file with the rows that changed, and with all of what is small."""


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    """The line that the body opens with; `since` is the generation that an increment begins after, else -1."""

    lineage: str
    generation: int
    digest: str
    since: int
    parts: list[tuple[str, int]]
    """Name and unpacked size of the files that follow, one behind the other, in one zstd stream."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import."""

    lineage: str
    generation: int
    whole: bool


def export(
    folder: Path, target: Path, key: Path, since: int | None = None, progress: Progress = silent
) -> tuple[str, int]:
    """
    Writes the feed of a folder into one signed file, or with `since` only what changed after that generation.

    `key` is made if it is not there. Gives lineage and generation. Raises: FeedError.
    """
    if not key.exists():
        signature.make_key(key)
    try:
        with file.locked(folder), file.beside(folder, "export") as part, file.beside(folder, "body") as body:
            current = folder / file.FEED
            if not current.exists():
                raise FeedError("There is no feed yet", do="Run `rightshift feed update`, or import a bundle")
            header = _header(current, since)
            source = current
            if since is not None:
                _increment(current, part, since)
                source = part
            files = [(file.FEED, source)]
            if (folder / file.THREAT).exists():
                files.append((file.THREAT, folder / file.THREAT))
            header.parts = [(name, path.stat().st_size) for name, path in files]
            _pack(body, header, [path for _, path in files], progress)
            _put(body, target, key)
    except (OSError, sqlite3.Error) as error:
        raise FeedError(f"The bundle could not be written: {error}", do=f"See that {target.parent} has room") from error
    return header.lineage, header.generation


def bring(
    folder: Path,
    source: Path,
    trusted: bytes,
    *,
    confirmed: bool = False,
    older: bool = False,
    progress: Progress = silent,
) -> Imported:
    """
    Puts the feed of a bundle in place, after its signature was checked and before anything in it is believed.

    `trusted` is a public key as PEM. `confirmed` lets a suspicious change pass, `older` an older generation.

    Raises: FeedError, and then the files in use are the old ones.
    """
    try:
        with file.locked(folder), file.beside(folder, "bundle") as copy:
            _copy(source, copy, progress)
            with copy.open("rb") as bundle:
                signature.check(bundle, trusted)
                bundle.seek(signature.HEAD_BYTES)
                return _bring(folder, bundle, confirmed=confirmed, older=older, progress=progress)
    except (OSError, sqlite3.Error) as error:
        raise FeedError(f"The bundle could not be read or put in place: {error}", means=OLD) from error


def _bring(folder: Path, bundle: BinaryIO, *, confirmed: bool, older: bool, progress: Progress) -> Imported:
    header = _read_header(bundle)
    current = folder / file.FEED
    _refuse_older(current, header, allowed=older)
    with (
        file.beside(folder, "feed") as new,
        file.beside(folder, "part") as part,
        file.beside(folder, "threat") as threats,
    ):
        paths = {file.FEED: part if header.since >= 0 else new, file.THREAT: threats}
        _unpack(bundle, header, paths, progress)
        if header.since >= 0:
            _apply(current, part, new, header)
        said = file.check(new)
        if (said.get("lineage"), file.generation(said), said["digest"]) != (
            header.lineage,
            header.generation,
            header.digest,
        ):
            raise FeedError("The bundle does not hold what its header says", means=OLD)
        guard.check(new, file.sound(current), confirmed=confirmed)
        if threats.exists():
            threat.check(threats)
        file.swap(new, current)
        if threats.exists():
            file.swap(threats, folder / file.THREAT)
    return Imported(header.lineage, header.generation, header.since < 0)


def _header(current: Path, since: int | None) -> _Header:
    with closing(file.connect(current)) as database:
        said = file.meta(database)
    generation = file.generation(said)
    if since is not None and not 0 < since <= generation:
        raise FeedError(f"There is no generation {since} of this feed", do=f"Name one from 1 to {generation}")
    return _Header(said.get("lineage", ""), generation, said.get("digest", ""), -1 if since is None else since, [])


def _increment(current: Path, part: Path, since: int) -> None:
    """A file of the same tables with the rows that changed after a generation; aliases and listing whole."""
    with closing(file.create(part)) as database:
        database.execute("ATTACH DATABASE ? AS whole", (f"{current.absolute().as_uri()}?mode=ro&immutable=1",))
        database.execute("BEGIN")
        database.execute("INSERT OR REPLACE INTO meta SELECT * FROM whole.meta")
        for statement in _CHANGED:
            database.execute(statement, (since,))
        for statement in _UNCHANGED:
            database.execute(statement)
        database.execute("COMMIT")


def _apply(current: Path, part: Path, new: Path, header: _Header) -> None:
    """The current file with an increment's rows, in a new file. Raises: FeedError when it does not fit."""
    again = "Import a whole bundle"
    if not current.exists():
        raise FeedError("The bundle holds changes only, and there is no feed here to change", do=again)
    with closing(file.connect(current)) as database:
        said = file.meta(database)
    if said.get("lineage") != header.lineage:
        raise FeedError("The bundle holds changes of another feed than the one in use", means=OLD, do=again)
    if file.generation(said) < header.since:
        what = f"The bundle holds changes after generation {header.since}, later than what is in use"
        raise FeedError(what, means=OLD, do=again)
    file.check_tables(part)
    shutil.copyfile(current, new)
    with closing(file.connect(new, "rw")) as database:
        database.execute("ATTACH DATABASE ? AS part", (f"{part.absolute().as_uri()}?mode=ro&immutable=1",))
        database.execute("BEGIN")
        for statement in _APPLIED:
            database.execute(statement)
        database.execute("COMMIT")


def _refuse_older(current: Path, header: _Header, *, allowed: bool) -> None:
    here = file.usable(current)
    if here is None or allowed:
        return
    with closing(file.connect(here)) as database:
        said = file.meta(database)
    if said.get("lineage") == header.lineage and header.generation < file.generation(said):
        raise FeedError(
            f"The bundle is generation {header.generation}, and {file.generation(said)} is in use",
            means=OLD,
            do="Import it with going back allowed, if that is what you want",
        )


def _pack(body: Path, header: _Header, paths: list[Path], progress: Progress) -> None:
    import zstandard

    total, done = sum(path.stat().st_size for path in paths), 0
    with body.open("wb") as target:
        target.write(msgspec.json.encode(header) + b"\n")
        with zstandard.ZstdCompressor(level=6).stream_writer(target, closefd=False) as writer:
            for path in paths:
                with path.open("rb") as source:
                    while chunk := source.read(CHUNK_BYTES):
                        writer.write(chunk)
                        done += len(chunk)
                        progress("Packing the feed", done, total)


def _put(body: Path, target: Path, key: Path) -> None:
    """Signs, and puts the file in place in one step."""
    unfinished = target.with_name(f".{target.name}.new")
    try:
        with body.open("rb") as source, unfinished.open("wb") as signed:
            signed.write(signature.sign(source, key))
            source.seek(0)
            shutil.copyfileobj(source, signed, CHUNK_BYTES)
            signed.flush()
            os.fsync(signed.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(source: Path, copy: Path, progress: Progress) -> None:
    """Our own copy: nobody can change it between the check and the reading."""
    handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as bundle, copy.open("wb") as target:
        state, done = os.fstat(handle), 0
        if not stat.S_ISREG(state.st_mode):
            raise FeedError(f"{source} is no regular file")
        while chunk := bundle.read(CHUNK_BYTES):
            done += len(chunk)
            if done > BUNDLE_BYTES:
                raise FeedError(f"{source} is larger than {BUNDLE_BYTES >> 30} GB")
            target.write(chunk)
            progress("Reading the bundle", done, state.st_size)


def _read_header(bundle: BinaryIO) -> _Header:
    line = bundle.readline(HEADER_BYTES)
    try:
        header = msgspec.json.decode(line, type=_Header)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FeedError("The bundle is of a kind that this version cannot read", means=OLD) from error
    names = [name for name, _ in header.parts]
    sound = all(0 < size <= PART_BYTES for _, size in header.parts) and header.generation >= 0
    if not line.endswith(b"\n") or names not in ([file.FEED], [file.FEED, file.THREAT]) or not sound:
        raise FeedError("The bundle is of a kind that this version cannot read", means=OLD)
    return header


def _unpack(bundle: BinaryIO, header: _Header, paths: dict[str, Path], progress: Progress) -> None:
    import zstandard

    total, done = sum(size for _, size in header.parts), 0
    with zstandard.ZstdDecompressor().stream_reader(bundle, closefd=False) as reader:
        for name, size in header.parts:
            left = size
            with paths[name].open("wb") as target:
                while left > 0:
                    try:
                        chunk = reader.read(min(CHUNK_BYTES, left))
                    except zstandard.ZstdError as error:
                        raise FeedError("The bundle cannot be unpacked", means=OLD) from error
                    if not chunk:
                        raise FeedError("The bundle ends early", means=OLD)
                    target.write(chunk)
                    left, done = left - len(chunk), done + len(chunk)
                    progress("Unpacking the feed", done, total)

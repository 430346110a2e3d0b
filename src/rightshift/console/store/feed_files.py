"""The feed's files in parts, for processes that share no disk. How they travel: `jobs/feed_files`."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rightshift.console.store.pool import Connection
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A whole file."""

    name: str
    sha256: bytes
    size_bytes: int
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """Files that belong together."""

    lineage: str
    generation: int
    files: list[Stored]


async def has(connection: Connection, sha256: bytes) -> bool:
    """Whether a file is there as a whole."""
    row = await (await connection.execute(_ASK["has"], {"sha256": sha256})).fetchone()
    return bool(row and row[0])


async def put_part(connection: Connection, sha256: bytes, part: int, content: bytes) -> None:
    """A part counts only once its file is put."""
    await connection.execute(_ASK["put_part"], {"sha256": sha256, "part": part, "content": content})


async def put(connection: Connection, files: Sequence[Stored], lineage: str, generation: int, now: datetime) -> None:
    """These files are the newest from now on, all together, and no others are kept."""
    async with connection.transaction():
        for one in files:
            values: dict[str, object] = {name: getattr(one, name) for name in Stored.__slots__}
            await connection.execute(_ASK["put"], values | {"lineage": lineage, "generation": generation, "now": now})
        await connection.execute(_ASK["drop_others"], {"now": now})


async def newest(connection: Connection) -> Newest | None:
    """None where nothing was put."""
    rows = await (await connection.execute(_ASK["newest"])).fetchall()
    if not rows:
        return None
    files = [Stored(name=row[0], sha256=bytes(row[1]), size_bytes=row[2], parts=row[3]) for row in rows]
    return Newest(lineage=rows[0][4], generation=rows[0][5], files=files)


async def parts(connection: Connection, sha256: bytes, count: int) -> AsyncIterator[bytes]:
    """The parts in their order; those that were swept meanwhile are missing, and the digest tells."""
    for number in range(count):
        row = await (await connection.execute(_ASK["part"], {"sha256": sha256, "part": number}, binary=True)).fetchone()
        if row is not None:
            yield bytes(row[0])


async def sweep(connection: Connection) -> None:
    """Removes the parts of files that are not kept."""
    await connection.execute(_ASK["sweep"])

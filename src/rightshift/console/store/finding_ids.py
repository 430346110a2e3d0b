"""The public id of a finding, made of what it is about; nothing is stored for it. Reading one: `read/finding.py`."""

import struct
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from rightshift.console.store.pool import Connection

_PARTS = struct.Struct(">iii4s")
_ZEROS = bytes(4)
_HALVES = struct.Struct(">QQ")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a finding is about, by the numbers that this database gave: they mean nothing outside."""

    unit: int
    package: int
    advisory: int


class Ids:
    """
    Enciphers with one installation's key, so that an id tells nothing, and one that nobody gave is no id.

    A cipher of our own making would be no place for a secret, but who may see a finding is asked wherever one is read;
    a library's takes 10 MB in every process that lists findings.
    Source: Luby and Rackoff, "How to construct pseudorandom permutations from pseudorandom functions", 1988.
    """

    def __init__(self, key: bytes) -> None:
        self._rounds = [blake2b(digest_size=8, key=key, person=bytes([number])) for number in range(4)]

    def encode(self, finding: Finding) -> UUID:
        """The same for the same finding, as long as the database lives."""
        left, right = _HALVES.unpack(_PARTS.pack(finding.unit, finding.package, finding.advisory, _ZEROS))
        for one in self._rounds:
            left, right = right, left ^ _mixed(one, right)
        return UUID(int=left << 64 | right)

    def decode(self, id: UUID) -> Finding | None:
        """What an id is about; None for one that was never given. Whether the caller may see it is asked elsewhere."""
        left, right = _HALVES.unpack(id.bytes)
        for one in reversed(self._rounds):
            left, right = right ^ _mixed(one, left), left
        unit, package, advisory, zeros = _PARTS.unpack(_HALVES.pack(left, right))
        return Finding(unit, package, advisory) if zeros == _ZEROS else None


def _mixed(one: blake2b, half: int) -> int:
    hash = one.copy()
    hash.update(half.to_bytes(8, "big"))
    return int.from_bytes(hash.digest(), "big")


async def ids(connection: Connection) -> Ids:
    """With the key of this installation."""
    row = await (await connection.execute("SELECT finding_key FROM installation")).fetchone()
    if row is None:  # made by the first migration
        raise LookupError("the installation has no key")
    return Ids(bytes(row[0]))

"""The public id of a finding, made of what it is about; nothing is stored for it. Reading one: `read/finding.py`."""

import struct
from dataclasses import dataclass
from uuid import UUID

from rightshift.console.store.pool import Connection

_PARTS = struct.Struct(">iii4s")
_ZEROS = bytes(4)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a finding is about, by the numbers that this database gave: they mean nothing outside."""

    unit: int
    package: int
    advisory: int


class Ids:
    """Enciphers with one installation's key, so that an id tells nothing, and one that nobody gave is no id."""

    def __init__(self, key: bytes) -> None:
        # imported by whoever reads findings; the other parts of the store start without it
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        # one block of 128 bits that is never longer and holds no text: the mode adds nothing
        self._cipher = Cipher(algorithms.AES128(key), modes.ECB())  # noqa: S305

    def encode(self, finding: Finding) -> UUID:
        """The same for the same finding, as long as the database lives."""
        plain = _PARTS.pack(finding.unit, finding.package, finding.advisory, _ZEROS)
        encryptor = self._cipher.encryptor()
        return UUID(bytes=encryptor.update(plain) + encryptor.finalize())

    def decode(self, id: UUID) -> Finding | None:
        """What an id is about; None for one that was never given. Whether the caller may see it is asked elsewhere."""
        decryptor = self._cipher.decryptor()
        unit, package, advisory, zeros = _PARTS.unpack(decryptor.update(id.bytes) + decryptor.finalize())
        return Finding(unit, package, advisory) if zeros == _ZEROS else None


async def ids(connection: Connection) -> Ids:
    """With the key of this installation."""
    row = await (await connection.execute("SELECT finding_key FROM installation")).fetchone()
    if row is None:  # made by the first migration
        raise LookupError("the installation has no key")
    return Ids(bytes(row[0]))

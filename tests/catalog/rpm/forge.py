"""Headers and databases of rpm, made small and by hand, so that a test can bend them."""

import struct
from collections.abc import Mapping, Sequence

NAME, VERSION, RELEASE, EPOCH, LICENSE, ARCH, SOURCE_RPM = 1000, 1001, 1002, 1003, 1014, 1022, 1044
DIR_INDEXES, BASE_NAMES, DIR_NAMES, MODULARITY = 1116, 1117, 1118, 5096

Value = str | int | Sequence[str] | Sequence[int]


def header(values: Mapping[int, Value]) -> bytes:
    """A header with one entry for each tag: a text, a number, or a list of either."""
    index, store = b"", b""
    for tag, value in sorted(values.items()):
        if isinstance(value, str):
            index += struct.pack(">IIII", tag, 6, len(store), 1)
            store += value.encode() + b"\0"
            continue
        items = [value] if isinstance(value, int) else list(value)
        if all(isinstance(item, int) for item in items):
            store += b"\0" * (-len(store) % 4)
            index += struct.pack(">IIII", tag, 4, len(store), len(items))
            store += struct.pack(f">{len(items)}I", *items)
        else:
            index += struct.pack(">IIII", tag, 8, len(store), len(items))
            store += b"".join(str(item).encode() + b"\0" for item in items)
    return struct.pack(">II", len(values), len(store)) + index + store


def package(name: str, files: int = 0, **more: Value) -> bytes:
    """A package at 1.0-1.el9 with files in /usr/share."""
    values: dict[int, Value] = {NAME: name, VERSION: "1.0", RELEASE: "1.el9", ARCH: "x86_64", LICENSE: "MIT"}
    values[SOURCE_RPM] = f"{name}-source-1.0-1.el9.src.rpm"
    if files:
        values |= {BASE_NAMES: [f"file{n}" for n in range(files)], DIR_NAMES: ["/usr/share/"], DIR_INDEXES: [0] * files}
    return header(values | {globals()[tag]: value for tag, value in more.items()})


def ndb(blobs: Sequence[bytes]) -> bytes:
    """A database as SUSE has them, one page of slots."""
    slots, body = b"", b""
    for number, blob in enumerate(blobs, 1):
        block = struct.pack("<4sIII", b"BlbS", number, 1, len(blob)) + blob + b"\0" * 12
        block += b"\0" * (-len(block) % 16)
        slots += struct.pack("<4sIII", b"Slot", number, (4096 + len(body)) // 16, len(block) // 16)
        body += block
    free = b"Slot" + b"\0" * 12
    head = struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(blobs) + 1, 0, 0, 0) + slots
    return head + free * ((4096 - len(head)) // 16) + body


def bdb(blobs: Sequence[bytes], order: str = "<", page_bytes: int = 512) -> bytes:
    """A Berkeley DB hash: one page of keys, each value over as many pages as it needs."""
    overflow: list[bytes] = []
    items: list[bytes] = [b"\1" + b"\0" * 4, b"\1" + struct.pack(order + "I", len(blobs))]
    for number, blob in enumerate(blobs, 1):
        room = page_bytes - 26
        chunks = [blob[at : at + room] for at in range(0, len(blob), room)]
        first = 2 + len(overflow)
        items += [b"\1" + struct.pack(order + "I", number), b"\3\0\0\0" + struct.pack(order + "II", first, len(blob))]
        for at, chunk in enumerate(chunks):
            following = first + at + 1 if at + 1 < len(chunks) else 0
            page = struct.pack(order + "8xIIIHHBB", first + at, 0, following, 1, len(chunk), 0, 7) + chunk
            overflow.append(page.ljust(page_bytes, b"\0"))
    offsets, tail = [], b""
    for item in items:
        tail = item + tail
        offsets.append(page_bytes - len(tail))
    keys = struct.pack(order + "8xIIIHHBB", 1, 0, 0, len(items), 0, 0, 13)
    keys += struct.pack(f"{order}{len(items)}H", *offsets)
    keys += b"\0" * (page_bytes - len(keys) - len(tail)) + tail
    meta = struct.pack(order + "8xIIIIBB6xI", 0, 0x00061561, 9, page_bytes, 0, 8, 1 + len(overflow))
    return b"".join((meta.ljust(page_bytes, b"\0"), keys, *overflow))

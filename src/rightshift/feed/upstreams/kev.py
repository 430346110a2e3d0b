"""CISA's catalogue of known exploited vulnerabilities: JSON in, entries out."""

import re
from dataclasses import dataclass

import msgspec

from rightshift.errors import Malformed
from rightshift.model.advisory import Kev

ADDRESS = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
LIMIT_BYTES = 64 << 20
ENTRIES = 100_000

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class MalformedKev(Malformed):
    """Not the catalogue: not JSON, without entries, or with one that names no CVE or day."""


class _Entry(msgspec.Struct):
    cve: str = msgspec.field(name="cveID")
    added: str = msgspec.field(name="dateAdded")
    ransomware: str = msgspec.field(name="knownRansomwareCampaignUse", default="Unknown")


class _Catalogue(msgspec.Struct):
    vulnerabilities: list[_Entry]
    version: str = msgspec.field(name="catalogVersion", default="")


_decode = msgspec.json.Decoder(_Catalogue).decode


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`entries` by CVE, in no order; `version` as CISA counts it: `2026.08.07`."""

    entries: dict[str, Kev]
    version: str


def read(content: bytes) -> Catalogue:
    """
    The catalogue. An empty one is malformed: there never was one.

    Raises: MalformedKev.
    Source: CISA, "Known Exploited Vulnerabilities Catalog", JSON schema.
    """
    try:
        found = _decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedKev(str(error)) from error
    if not 0 < len(found.vulnerabilities) <= ENTRIES:
        raise MalformedKev(f"{len(found.vulnerabilities)} entries")
    for entry in found.vulnerabilities:
        if not _CVE.fullmatch(entry.cve) or not _DAY.fullmatch(entry.added):
            raise MalformedKev(f"an entry that is none: {entry.cve[:40]!r}, {entry.added[:40]!r}")
    entries = {e.cve: Kev(e.added, e.ransomware.strip().lower() == "known") for e in found.vulnerabilities}
    return Catalogue(entries, found.version[:40])

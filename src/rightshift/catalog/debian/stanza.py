"""Stanzas of a package database in Debian's control format; opkg's is alike. Where the databases lie: `status.py`."""

from collections.abc import Iterator

from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package, SourcePackage

INSTALLED = frozenset({"installed", "triggers-awaited", "triggers-pending"})
"""Third word of `Status`: all files are there and the package is set up, but for what other packages want of it."""


class MalformedStatus(Malformed):
    """Not a single stanza of fields."""


def packages(content: bytes, ecosystem: str, *, without_status: str) -> Iterator[Package | Gap]:
    """
    The installed packages, in the file's order.

    A stanza without a `Status` counts as if it were `without_status`. One that names no package or no version is left
    out, like dpkg does; lines that are no field are a gap.

    Raises: MalformedStatus.
    Source: deb-control(5), dpkg(1) "Package states", dpkg's lib/dpkg/parse.c.
    """
    text = content.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    known = 0
    broken: list[str] = []
    for stanza in text.split("\n\n"):
        stanza = stanza.strip("\n")
        if not stanza or stanza.isspace():
            continue
        if not _begins_with_field(stanza):
            broken.append(stanza)
            continue
        known += 1
        package = _package("\n" + stanza, ecosystem, without_status)
        if package and ("\0" in package.name or " " in package.name or "\0" in package.version):
            yield Gap("", f"a package whose name is no name: {package.name[:80]!r}")
        elif package:
            yield package
    if broken and not known:
        raise MalformedStatus("no stanza of fields in it")
    if broken:
        yield Gap("", f"{len(broken)} of {known + len(broken)} stanzas are no fields, the first: {broken[0][:80]!r}")


def _begins_with_field(stanza: str) -> bool:
    name, colon, _ = stanza[:200].partition(":")
    return bool(colon) and name.replace("-", "").replace("_", "").isalnum()


def _package(stanza: str, ecosystem: str, without_status: str) -> Package | None:
    name = _field(stanza, "\nPackage:")
    version = _field(stanza, "\nVersion:")
    status = _field(stanza, "\nStatus:") or without_status
    if not name or not version or status.rpartition(" ")[2] not in INSTALLED:
        return None
    source, _, source_version = _field(stanza, "\nSource:").partition(" (")
    return Package(
        ecosystem=ecosystem,
        name=name,
        version=version,
        evidence="database",
        arch=_field(stanza, "\nArchitecture:"),
        source=SourcePackage(source or name, source_version.rstrip(")") or version),
    )


def _field(stanza: str, key: str) -> str:
    """The first line of a field; `key` with the line end before it, so that no continuation line is taken for it."""
    at = stanza.find(key)
    if at < 0:
        return ""
    at += len(key)
    end = stanza.find("\n", at)
    return stanza[at : end if end >= 0 else None].strip()

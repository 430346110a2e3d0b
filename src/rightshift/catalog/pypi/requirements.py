"""`requirements.txt` and its kin: only what is pinned there says which version is meant."""

import re
from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 8 << 20
_NAME = r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)"
_PINNED = re.compile(_NAME + r"\s*+(?:\[[^\]]*\])?+\s*+\(?\s*+===?\s*+([^\s;#,)\\*]++)(?![*\w])")
_DIRECT = re.compile(_NAME + r"\s*+(?:\[[^\]]*\])?+\s*+@\s*+([^\s;]++)")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_FOR_WORK = re.compile(r"(?:\A|[^a-z])(?:dev|develop|development|tests?|testing|lint|docs?|ci)(?:[^a-z]|\Z)")


class MalformedRequirements(Malformed):
    """No text."""


def read_file(file: File) -> Iterator[Package]:
    """
    The pinned (`==`, `===`) and the directly addressed requirements of one file.

    A range names no version and gives nothing. Other files that `-r` and `-c` lead to are never followed: those in the
    tree are found by themselves. `dev` is what the file's name says (`requirements-dev.txt`).

    Raises: MalformedRequirements, OSError.
    Source: pip documentation, "Requirements File Format" and "Requirement Specifiers".
    """
    try:
        content = text.decoded(read_whole(file, LIMIT_BYTES))
    except Malformed as error:
        raise MalformedRequirements(str(error)) from error
    dev = bool(_FOR_WORK.search(file.path.rpartition("/")[2].lower()))
    for line in _logical_lines(content):
        if match := _PINNED.match(line):
            yield Package(ecosystem="pypi", name=match[1], version=match[2], state="locked", dev=dev)
        elif match := _DIRECT.match(line):
            yield Package(ecosystem="pypi", name=match[1], state="locked", dev=dev, origin=_origin(match[2]))
        elif match := _EGG.search(line):
            address = line.removeprefix("-e").removeprefix("--editable").lstrip("= ")
            yield Package(ecosystem="pypi", name=match[1], state="locked", dev=dev, origin=_origin(address))


def _logical_lines(content: str) -> Iterator[str]:
    """Lines joined where a backslash ends one, without indent; comments stay, since the patterns end before them."""
    parts: list[str] = []
    for line in content.splitlines():
        body = line.strip()
        if body.startswith("#"):
            continue
        parts.append(body.removesuffix("\\"))
        if body.endswith("\\"):
            continue
        yield "".join(parts).strip()
        parts.clear()
    yield "".join(parts).strip()


def _origin(address: str) -> Origin:
    if address.startswith(("git+", "hg+", "svn+", "bzr+", "git://")):
        return "git"
    return "url" if address.startswith(("http://", "https://", "ftp://")) else "local"


FORMAT = Format(
    name="python-requirements",
    ecosystem="pypi",
    title="Python: *requirements*.txt, requirements/*.txt",
    patterns=("*requirements*.txt", "requirements/*.txt"),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

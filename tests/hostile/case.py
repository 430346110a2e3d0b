"""One hostile input, what must come of it, and what was missed. Running: `command.py`; the inputs: `conftest.py`."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from tests.hostile.command import Ran

Outcome = Literal["clean", "partial", "error-clear"]

PREFIX = {
    "oci-layout": "oci:",
    "oci-archive": "oci-archive:",
    "docker-archive": "docker-archive:",
    "tree": "dir:",
    "file": "file:",
    "sbom": "sbom:",
}
PARTIAL = 4
"""The exit code of a partial report when a complete one is required, as it is here."""

DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the order in which a screen shows what is around them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Must:
    """What a scan of one input has to keep to. Package URLs are without qualifiers."""

    exit: tuple[Outcome, ...]
    packages_at_least: tuple[str, ...] = ()
    """Unless the outcome is `error-clear`."""
    packages_if_clean: tuple[str, ...] = ()
    packages_absent: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    """Texts that may stand in neither output."""
    max_seconds: float = 30
    max_rss_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input: `name` below the case's folder, scanned as `user`, changed by `mutations` meanwhile."""

    id: str
    kind: str
    name: str
    must: Must
    user: int | None = None
    mutations: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        return ["scan", PREFIX[self.kind] + self.name, "--json", "--no-match", "--require-complete"]


def of_manifest(entry: Mapping[str, Any]) -> Case:
    """A case as the corpus describes it."""
    must = entry["must"]
    assert must["no_calls"]
    assert must["no_writes"]
    outcomes = (must["status_must_be"],) if must["status_must_be"] else must["exit"]
    return Case(
        id=entry["id"],
        kind=entry["kind"],
        name=entry["input"],
        user=entry["user"],
        mutations=tuple(entry["helper"] or ()),
        must=Must(
            exit=tuple(outcomes),
            packages_at_least=tuple(must["packages_at_least"]),
            packages_if_clean=tuple(must["packages_if_clean"]),
            packages_absent=tuple(must["packages_absent"]),
            never=tuple(must["never"]),
            max_seconds=must["max_seconds"],
            max_rss_bytes=must["max_rss_mb"] << 20,
        ),
    )


def misses(must: Must, ran: Ran) -> list[str]:
    """What was not kept to, each in a line; none when all was well."""
    found = list(_of_process(must, ran))
    text = (ran.out + b"\n" + ran.err).decode("utf-8", "surrogateescape")
    found += [f"{word!r} in the output" for word in must.never if word in text]
    found += unfit(text)
    if b"Traceback" in ran.err or b"mistake of this program" in ran.err:
        found.append("a mistake of ours was shown")
    if ran.status in (0, PARTIAL) and ran.out:
        found += _of_report(must, ran)
    else:
        found += _of_error(must, ran)
    return found


def _of_process(must: Must, ran: Ran) -> Iterator[str]:
    if ran.seconds > must.max_seconds:
        yield f"took {ran.seconds:.1f} s of {must.max_seconds:.0f}"
    if ran.peak_bytes > must.max_rss_bytes:
        yield f"used {ran.peak_bytes >> 20} MB of {must.max_rss_bytes >> 20}"
    if ran.status < 0 and ran.in_time:
        yield f"ended by signal {-ran.status}"
    yield from (f"left behind: {what}" for what in ran.left)


def _of_error(must: Must, ran: Ran) -> Iterator[str]:
    if "error-clear" not in must.exit:
        yield f"no report, but exit status {ran.status}: {_short(ran.err)}"
    if ran.out:
        yield f"exit status {ran.status}, and yet something on standard output"
    if ran.status <= 0:
        yield f"no report, and exit status {ran.status}"
    if not ran.err.startswith(b"rightshift: error: ") or ran.err.count(b"rightshift: error: ") != 1:
        yield f"not one clear message: {_short(ran.err)}"


def _of_report(must: Must, ran: Ran) -> Iterator[str]:
    try:
        document = json.loads(ran.out.decode())
    except ValueError as error:
        yield f"the report is no JSON: {error}"
        return
    outcome: Outcome = "clean" if document["status"] == "complete" else "partial"
    gaps = document["gaps"]
    if outcome not in must.exit:
        yield f"{outcome} instead of {' or '.join(must.exit)}: {_short(gaps)}"
    if (ran.status == PARTIAL) != (outcome == "partial"):
        yield f"{outcome} with exit status {ran.status}"
    named = any(gap["path"] or gap.get("layer") for gap in gaps)
    if (outcome == "partial") != named or not all(gap["reason"] for gap in gaps):
        yield f"{outcome}, and these reasons: {_short(gaps)}"
    found = {plain(package["purl"]) for package in document["packages"]}
    wanted = (*must.packages_at_least, *(must.packages_if_clean if outcome == "clean" else ()))
    yield from (f"{purl} is not there: {_short(gaps)}" for purl in wanted if plain(purl) not in found)
    yield from (f"{purl} is there" for purl in must.packages_absent if plain(purl) in found)


def plain(purl: str) -> str:
    """A package URL without qualifiers, and however it was encoded."""
    return unquote(purl.partition("?")[0].partition("#")[0])


def unfit(text: str) -> Iterator[str]:
    found = {char for char in set(text) if char not in "\n" and unicodedata.category(char) in ("Cc", "Cs")}
    if found := found | (set(text) & DIRECTIONS):
        yield f"characters that act on a screen or are no text: {sorted(found)!r}"


def _short(what: bytes | Iterable[object]) -> str:
    text = what.decode(errors="replace") if isinstance(what, bytes) else json.dumps(list(what))
    return text if len(text) < 700 else text[:700] + "…"

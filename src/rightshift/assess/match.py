"""Whether an advisory holds for a version of a package, and which advisories are one. Names: `feed/candidates`."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rightshift.model.advisory import Affected, EventKind, Range, Rule
from rightshift.model.known import Known
from rightshift.model.package import Package
from rightshift.versions.ranges import BOTTOM, fixed_on_branch, holding
from rightshift.versions.scheme import Key, Scheme, Unparsable

SHOWN = 6
"""Events of a range that a rule shows."""

_LEADING = re.compile(r"[vV]?(?:\d+[!:])?0*(\d+)")
_MODULE = ".module"
_KNOWN = {"MAL": 0, "CVE": 1, "GHSA": 2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """An advisory's statement holds, or may hold (`certain` UNKNOWN); `because` says it in one line."""

    affected: Affected
    rule: Rule
    certain: Known
    because: str
    fixed: tuple[str, ...]
    """Versions that fix it on this version's branch, lowest first."""


def verdict(version: str, affected: Affected, scheme: Scheme | None) -> Verdict | None:
    """
    Whether a statement holds for a version: it is listed, or it lies in a range. None when it does not.

    Where the version has no order (`scheme` None) or cannot be parsed, only the list and ranges without ends are sure;
    what else the statement says stays unknown, never safe. An empty version is in no list, and lies in a range only
    if all do.

    Source: OSV schema, "Evaluation"; rpm: a module's packages and the distribution's own are two lines of versions.
    """
    ranges = _own_line(version, affected.ranges) if scheme is not None and scheme.name == "rpm" else affected.ranges
    if _listed(version, affected.versions, scheme):
        return _verdict(version, affected, "versions", Known.YES, None, _fixes(version, ranges, scheme))
    if not ranges:
        return None
    if scheme is None:
        return _verdict(version, affected, "unparsed", Known.UNKNOWN, ranges[0], ()) if version else None
    answer, within = holding(version, ranges, scheme)
    if answer is Known.YES:
        around = _around(version, within, scheme)
        return _verdict(version, affected, "range", answer, around, _fixes(version, ranges, scheme))
    if answer is Known.UNKNOWN and version:
        return _verdict(version, affected, "unparsed", answer, within, _fixes(version, ranges, scheme))
    return None


def _fixes(version: str, ranges: Sequence[Range], scheme: Scheme | None) -> tuple[str, ...]:
    return fixed_on_branch(version, ranges, scheme) if scheme is not None and ranges else ()


def _listed(version: str, versions: Sequence[str], scheme: Scheme | None) -> bool:
    """As written, or another spelling of the same version (`1.0` and `1.0.0` on PyPI)."""
    if not versions or not version:
        return False
    if version in versions:
        return True
    leading = _LEADING.match(version)
    if scheme is None or leading is None:
        return False
    try:
        key = scheme.key(version)
    except Unparsable:
        return False
    return any(_same(key, leading[1], other, scheme) for other in versions)


def _same(key: object, leading: str, other: str, scheme: Scheme) -> bool:
    found = _LEADING.match(other)
    if found is None or found[1] != leading:
        return False
    try:
        return scheme.key(other) == key
    except Unparsable:
        return False


def _own_line(version: str, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    modular = _MODULE in version
    return tuple(
        each
        for each in ranges
        if all((_MODULE in end) is modular for kind, end in each.events if kind in ("fixed", "last_affected"))
    )


def _around(version: str, within: Range | None, scheme: Scheme) -> Range | None:
    """Start and end between which the version lies, of a range that may have many; the range where that is not sure."""
    if within is None or len(within.events) < 3:
        return within
    try:
        key = scheme.key(version)
        starts = [(scheme.key(text), text) for kind, text in within.events if kind == "introduced" and text != BOTTOM]
        ends = [(scheme.key(text), kind, text) for kind, text in within.events if kind != "introduced"]
    except Unparsable:
        return within
    start, end = BOTTOM, None
    below: Key | None = None
    for at, text in starts:
        if at <= key and (below is None or below < at):
            below, start = at, text
    for ended, kind, text in ends:
        if key <= ended and (end is None or ended < end[0]):
            end = ended, kind, text
    events: list[tuple[EventKind, str]] = [("introduced", start)]
    return Range(tuple(events + ([(end[1], end[2])] if end else [])))


def _verdict(
    version: str, affected: Affected, rule: Rule, certain: Known, within: Range | None, fixed: tuple[str, ...]
) -> Verdict:
    what = f"{affected.name} {version} ({affected.ecosystem})"
    match rule:
        case "versions":
            because = f"{affected.advisory} lists {what}"
        case "range":
            because = f"{affected.advisory}: {what} lies in {shown(within)}"
        case "unparsed":
            because = f"{affected.advisory}: {what} cannot be compared with {shown(within)}"
    return Verdict(affected, rule, certain, because, fixed)


def shown(within: Range | None) -> str:
    """A range as a person reads it: `>= 2.0, < 2.17.1`, further events cut off."""
    if within is None:
        return "no range"
    signs = {"introduced": ">=", "fixed": "<", "last_affected": "<=", "limit": "<"}
    parts = [f"{signs[kind]} {text[:60]}" for kind, text in within.events[:SHOWN]]
    return ", ".join(parts) + (", …" if len(within.events) > SHOWN else "")


def grouped(records: Iterable[str], names: Callable[[str], Iterable[str]]) -> list[list[str]]:
    """Records that share a name are one, over any way; groups and their records in the order they came."""
    above: dict[str, str] = {}
    first: dict[str, str] = {}

    def root(one: str) -> str:
        while above[one] != one:
            above[one] = one = above[above[one]]
        return one

    for record in records:
        above.setdefault(record, record)
        for name in names(record):
            if (other := first.setdefault(name, record)) != record:
                above[root(record)] = root(other)
    groups: dict[str, list[str]] = {}
    for record in above:
        groups.setdefault(root(record), []).append(record)
    return list(groups.values())


def best_id(ids: Iterable[str]) -> str:
    """The id that people know: of a malicious package's its own, then a CVE, then GHSA, then the first of the rest."""
    return min(ids, key=lambda one: (_KNOWN.get(one.partition("-")[0], len(_KNOWN)), _natural(one)))


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in re.findall(r"\d{1,18}|\D+", text))


_CLIENTS = {
    "deb": "curl libcurl3 libcurl3-gnutls libcurl4 libcurl4t64 libcurl3t64-gnutls wget libsoup2.4-1 libsoup-3.0-0",
    "apk": "curl libcurl wget libsoup",
    "rpm": "curl curl-minimal libcurl libcurl-minimal wget libsoup libsoup3",
    "pypi": "requests urllib3 httpx httpcore pycurl requests-toolbelt niquests",
    "npm": "axios node-fetch got request superagent undici needle follow-redirects cross-fetch ky phin",
    "maven": (
        "com.squareup.okhttp3:okhttp com.squareup.okhttp:okhttp org.apache.httpcomponents:httpclient "
        "org.apache.httpcomponents.client5:httpclient5 commons-httpclient:commons-httpclient "
        "com.squareup.retrofit2:retrofit org.asynchttpclient:async-http-client"
    ),
    "gem": "faraday httparty rest-client excon typhoeus http httpclient curb",
    "composer": "guzzlehttp/guzzle symfony/http-client rmccue/requests kriswallsmith/buzz",
    "golang": "github.com/go-resty/resty/v2 github.com/hashicorp/go-retryablehttp github.com/hashicorp/go-getter",
    "cargo": "reqwest curl ureq isahc attohttpc",
    "nuget": "RestSharp Flurl.Http Refit",
    "hex": "httpoison hackney tesla req",
    "bitnami": "curl wget",
}
"""Libraries and programs that only ever call out: they are reached by whom they call, not by who calls in."""

_HOST = {
    "deb": r"linux-(?:image|headers|modules).*|linux|runc|containerd(?:\.io)?|docker(?:\.io|-ce)|podman|crun|cri-o.*",
    "apk": r"linux-(?:lts|virt|edge|rpi.*)|runc|containerd|docker(?:-engine)?|podman|crun|cri-o",
    "rpm": r"kernel(?:-core|-modules.*|-rt.*|-uek.*)?|runc|containerd(?:\.io)?|docker-ce|moby-engine|podman|crun|cri-o",
    "golang": (
        r"github\.com/(?:opencontainers/runc|containerd/containerd(?:/v2)?|docker/docker|moby/moby(?:/v2)?"
        r"|containers/podman(?:/v\d+)?|cri-o/cri-o)"
    ),
    "bitnami": r"containerd|runc|docker|podman",
}
_CLIENT_NAMES = {kind: frozenset(names.split()) for kind, names in _CLIENTS.items()}
_HOST_NAMES = {kind: re.compile(names) for kind, names in _HOST.items()}


def client_only(package: Package) -> bool:
    """On the list of libraries that only call out."""
    return package.name in _CLIENT_NAMES.get(package.ecosystem, ())


def host_code(package: Package) -> bool:
    """The kernel or a container runtime: a flaw there is a flaw of the host."""
    names = _HOST_NAMES.get(package.ecosystem)
    return names is not None and names.fullmatch(package.name) is not None

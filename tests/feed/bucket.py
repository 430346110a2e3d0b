"""A small bucket of advisories on loopback, laid out as OSV's, for tests that need no data set."""

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote

from rightshift.egress.client import Client, Clock, Limits, Settings
from rightshift.egress.policy import Policy
from rightshift.feed.build import Built, building
from rightshift.feed.record import read
from rightshift.feed.threat import build as build_threat
from rightshift.feed.upstreams.epss import Scores
from rightshift.feed.upstreams.kev import Catalogue
from rightshift.model.advisory import Kev

Osv = dict[str, Any]
STAMP = "2024-05-01T00:00:00Z"
PATIENCE = Limits(connect_s=2, idle_s=1, whole_s=2, window_s=2)


def osv(record: str, ecosystem: str, name: str, *events: str, **more: Any) -> Osv:
    """A record on one package; an event is `introduced 0` or `fixed 1.2`, without any `versions` are needed."""
    affected: Osv = {"package": {"ecosystem": ecosystem, "name": name}}
    if events:
        pairs = [event.split(" ") for event in events]
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": [{kind: version} for kind, version in pairs]}]
    for key in ("versions", "ecosystem_specific", "database_specific"):
        if (value := more.pop("affected_" + key, None)) is not None:
            affected[key] = value
    return {"id": record, "modified": STAMP, "published": STAMP, "affected": [affected]} | more


def many(count: int, ecosystem: str = "PyPI") -> list[Osv]:
    """Records on as many packages."""
    return [osv(f"T-{ecosystem}-{n}", ecosystem, f"name-{n}", "introduced 0", f"fixed {n + 1}.0") for n in range(count)]


def feed(
    folder: Path, records: list[Osv], kev: Mapping[str, Kev] | None = None, epss: Mapping[str, float] | None = None
) -> Built:
    """A feed in a folder, built of these records by the program's own code."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "feed.sqlite"
    path.unlink(missing_ok=True)
    (folder / "threat.sqlite").unlink(missing_ok=True)
    with building(folder, path, None) as build:
        for record in records:
            build.add(read(json.dumps(record).encode()))
        build.enlist("", [(record["id"], record["modified"]) for record in records])
        built = build.finish(STAMP, "test")
    scores = Scores("v1", "2026-01-01", iter((epss or {}).items()))
    build_threat(folder / "threat.sqlite", path, Catalogue(dict(kev or {}), "1"), scores)
    return built


@dataclass
class Bucket:
    """What is served; change it while it runs. `fault` is what goes wrong, on paths that end with `fault_path`."""

    records: dict[str, Osv] = field(default_factory=dict)
    kev: list[Osv] = field(default_factory=lambda: [{"cveID": "CVE-2021-0001", "dateAdded": "2022-01-01"}])
    epss: str = "#model_version:v1,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2021-0001,0.5,0.9\n"
    fault: str = ""
    fault_path: str = ""
    instead: dict[str, bytes | None] = field(default_factory=dict)
    """Bodies for paths that end so, None for none at all."""
    asked: list[str] = field(default_factory=list)
    url: str = ""
    stop: Event = field(default_factory=Event)

    def put(self, *records: Osv) -> None:
        """Adds or replaces records."""
        self.records |= {record["id"]: record for record in records}

    def by_ecosystem(self) -> dict[str, list[Osv]]:
        found: dict[str, list[Osv]] = {}
        for record in self.records.values():
            names = {a["package"]["ecosystem"].split(":")[0] for a in record["affected"]} or {"[EMPTY]"}
            for name in names:
                found.setdefault(name, []).append(record)
        return found

    def body(self, path: str) -> bytes | None:
        for ending, body in self.instead.items():
            if path.endswith(ending):
                return body
        ecosystems = self.by_ecosystem()
        if path == "ecosystems.txt":
            return "\n".join([*sorted(ecosystems), "Debian:12"]).encode()
        if path == "kev.json":
            return json.dumps({"catalogVersion": "1", "vulnerabilities": self.kev}).encode()
        if path == "epss.csv.gz":
            return gzip.compress(self.epss.encode(), mtime=0)
        ecosystem, _, name = path.partition("/")
        records = ecosystems.get(ecosystem)
        if records is None:
            return None
        if name == "all.zip":
            return archive(records)
        if name == "modified_id.csv":
            return "".join(f"{record['modified']},{record['id']}\n" for record in records).encode()
        one = self.records.get(name.removesuffix(".json"))
        return json.dumps(one).encode() if one else None


def archive(records: list[Osv]) -> bytes:
    """A zip of records, the same bytes for the same records."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for record in records:
            packed.writestr(zipfile.ZipInfo(record["id"] + ".json"), json.dumps(record))
    return buffer.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        bucket: Bucket = self.server.bucket  # type: ignore[attr-defined]
        path = unquote(self.path).lstrip("/")
        bucket.asked.append(path)
        body, status = bucket.body(path), 200
        fault = bucket.fault if path.endswith(bucket.fault_path) else ""
        headers = {"Content-Type": "application/octet-stream"}
        if body is None:
            body, status = b"none", 404
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if fault == "new tag":
            tag = f'"{len(bucket.asked)}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            body, status = b"", 304
        match fault:
            case "500" | "503":
                body, status = b"no", int(fault)
            case "page":
                body, headers["Content-Type"] = b"<html>Log in</html>", "text/html"
            case "nonsense":
                body = b"\x00nonsense\n" * 50
            case "loop":
                status, headers["Location"] = 302, self.path
            case "corrupt":
                body = (
                    body[: len(body) // 2]
                    + bytes(255 - b for b in body[len(body) // 2 :][:16])
                    + body[len(body) // 2 + 16 :]
                )
        self.send_response(status)
        for key, value in (headers | {"ETag": tag, "Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if fault == "hang":
            bucket.stop.wait(5)
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)
        self.close_connection = fault in ("cut", "hang")


@contextmanager
def served() -> Iterator[Bucket]:
    """A bucket on loopback for as long as it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    bucket = Bucket()
    server.bucket = bucket  # type: ignore[attr-defined]
    bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        bucket.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def impatient() -> Client:
    """A client that may reach loopback, waits for nothing and gives up soon."""
    policy = Policy(hosts=frozenset({"127.0.0.1"}), plain_http=frozenset({"127.0.0.1"}))
    return Client(Settings(policy=policy, limits=PATIENCE, clock=Clock(sleep=lambda _: None)))

"""A small feed on this machine, made as any other is, from records written here."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rightshift.feed import build, file, record, threat
from rightshift.feed.upstreams.epss import Scores
from rightshift.feed.upstreams.kev import Catalogue
from rightshift.model.advisory import Kev
from tests.cli.answering import configured, password_file, running, server, signed_in

__all__ = ["configured", "password_file", "running", "server", "signed_in"]

RECORDS = (
    {
        "id": "RUSTSEC-2021-0003",
        "modified": "2023-06-13T13:10:24Z",
        "published": "2021-01-08T12:00:00Z",
        "aliases": ["CVE-2021-25900", "GHSA-43w2-9j62-hq99"],
        "summary": "Buffer overflow in SmallVec::insert_many",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [
            {
                "package": {"ecosystem": "crates.io", "name": "smallvec"},
                "ranges": [
                    {"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"fixed": "1.6.1"}]},
                ],
            }
        ],
    },
    {
        "id": "GHSA-jfh8-c2jp-5v3q",
        "modified": "2024-01-01T00:00:00Z",
        "aliases": ["CVE-2021-44228"],
        "summary": "Remote code injection in Log4j",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
        "affected": [
            {
                "package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.13.0"}, {"fixed": "2.15.0"}]}],
            }
        ],
    },
    {
        "id": "DEBIAN-CVE-2010-4756",
        "modified": "2024-01-01T00:00:00Z",
        "upstream": ["CVE-2010-4756"],
        "affected": [
            {
                "package": {"ecosystem": "Debian:12", "name": "glibc"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
            }
        ],
    },
)


@pytest.fixture
def feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a feed with a handful of records, in a home of its own."""
    monkeypatch.setenv("RIGHTSHIFT_HOME", str(tmp_path / "home"))
    folder = tmp_path / "home" / "feed"
    folder.mkdir(parents=True)
    with build.building(folder, folder / file.FEED, None) as new:
        for one in RECORDS:
            new.add(record.read(json.dumps(one).encode()))
        new.enlist("all", [(str(one["id"]), str(one["modified"])) for one in RECORDS])
        new.finish("2026-01-04T02:00:00Z", "the tests")
    exploited = Catalogue({"CVE-2021-44228": Kev("2021-12-10", ransomware=True)}, "2026.01.04")
    scores = Scores("v2026.06.15", "2026-01-04", iter([("CVE-2021-44228", 0.94), ("CVE-2021-25900", 0.2)]))
    threat.build(folder / file.THREAT, folder / file.FEED, exploited, scores)
    return folder


@pytest.fixture
def locked(tmp_path: Path) -> Callable[[str, str], Path]:
    """A folder whose `Cargo.lock` names one crate in one version."""

    def make(name: str, version: str) -> Path:
        folder = tmp_path / "tree"
        folder.mkdir(exist_ok=True)
        source = "registry+https://github.com/rust-lang/crates.io-index"
        table = {"name": name, "version": version, "source": source}
        lines = ["version = 4", "[[package]]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
        (folder / "Cargo.lock").write_text("\n".join(lines) + "\n")
        return folder

    return make

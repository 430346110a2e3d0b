"""Packages in, matches out: which hold, how they are merged into one a flaw, and which facts they carry."""

from datetime import date
from pathlib import Path

import pytest

from rightshift.feed.lookup import Feed
from rightshift.feed.matches import Line, match_lines, matches
from rightshift.model.advisory import Kev, Match
from rightshift.model.known import Known
from rightshift.model.package import Distro, Package, SourcePackage
from tests.feed.bucket import Osv, feed, osv

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
TODAY = date(2026, 1, 5)
CVE, OTHER, THIRD = "CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"


def scored(vector: str) -> list[dict[str, str]]:
    return [{"type": "CVSS_V3", "score": vector}]


def found(
    folder: Path,
    records: list[Osv],
    *packages: Package,
    kev: dict[str, Kev] | None = None,
    epss: dict[str, float] | None = None,
) -> list[Match]:
    feed(folder, records, kev, epss)
    with Feed.open(folder) as known:
        return matches(packages, known, TODAY)


def npm(name: str = "x", version: str = "1.5.0") -> Package:
    return Package(ecosystem="npm", name=name, version=version)


def deb(name: str, version: str, source: str) -> Package:
    return Package(
        ecosystem="deb",
        name=name,
        version=version,
        distro=Distro("debian", "12"),
        source=SourcePackage(source, version),
    )


def rpm(version: str, name: str = "nginx") -> Package:
    return Package(ecosystem="rpm", name=name, version=version, distro=Distro("almalinux", "9.3"))


def test_records_of_one_flaw_are_one_match(tmp_path: Path) -> None:
    (match,) = found(
        tmp_path,
        [
            osv("GHSA-1", "npm", "x", "introduced 0", "fixed 2.0.0", aliases=[CVE], summary="Said once"),
            osv("NSWG-1", "npm", "x", "introduced 1.0.0", "fixed 1.9.0", aliases=[CVE]),
        ],
        npm(),
    )
    assert (match.id, match.aliases, match.records) == (CVE, ("GHSA-1", "NSWG-1"), ("GHSA-1", "NSWG-1"))
    assert (match.fixed, match.summary, match.certain) == (("1.9.0", "2.0.0"), "Said once", Known.YES)
    assert match.rule == "GHSA-1: x 1.5.0 (npm) lies in >= 0, < 2.0.0"


def test_the_fix_of_the_own_branch(tmp_path: Path) -> None:
    events = ("introduced 0", "fixed 1.6.0", "introduced 2.0.0", "fixed 2.3.0")
    match, other = found(tmp_path, [osv("GHSA-1", "npm", "x", *events)], npm(), npm(version="2.1.0"))
    assert (match.fixed, other.fixed) == (("1.6.0",), ("2.3.0",))
    assert "lies in >= 2.0.0, < 2.3.0" in other.rule


def test_a_record_that_says_otherwise_is_no_alias_and_is_named(tmp_path: Path) -> None:
    records = [
        osv("GHSA-1", "npm", "x", "introduced 0", "fixed 2.0.0", aliases=[CVE]),
        osv("NSWG-1", "npm", "x", "introduced 0", "fixed 1.2.0", aliases=[CVE]),
    ]
    (match,) = found(tmp_path, records, npm())
    assert (match.id, match.aliases) == (CVE, ("GHSA-1",))
    assert match.rule.endswith("; NSWG-1 says otherwise")


def test_a_copy_of_a_cve_goes_by_the_cve(tmp_path: Path) -> None:
    (match,) = found(
        tmp_path,
        [
            osv(f"DEBIAN-{CVE}", "Debian:12", "foo", "introduced 0", "fixed 2-1", upstream=[CVE]),
            osv("DSA-1-1", "Debian:12", "foo", "introduced 0", "fixed 2-1", upstream=[CVE]),
        ],
        deb("libfoo1", "1-1", "foo"),
    )
    assert (match.id, match.records) == (CVE, (f"DEBIAN-{CVE}", "DSA-1-1"))


def test_an_advisory_on_several_cves_is_one_match_that_names_them(tmp_path: Path) -> None:
    (match,) = found(
        tmp_path,
        [osv("DSA-1-1", "Debian:12", "foo", "introduced 0", "fixed 2-1", upstream=[CVE, OTHER])],
        deb("foo", "1-1", "foo"),
    )
    assert (match.id, match.aliases) == ("DSA-1-1", (CVE, OTHER))


def test_an_advisory_whose_cves_all_stand_there_is_no_second_finding(tmp_path: Path) -> None:
    records = [
        osv("DSA-1-1", "Debian:12", "foo", "introduced 0", "fixed 2-1", upstream=[CVE, OTHER]),
        *[
            osv(f"DEBIAN-{cve}", "Debian:12", "foo", "introduced 0", "fixed 2-1", upstream=[cve])
            for cve in (CVE, OTHER)
        ],
    ]
    both = found(tmp_path, records, deb("foo", "1-1", "foo"))
    assert [(match.id, match.records) for match in both] == [
        (CVE, (f"DEBIAN-{CVE}", "DSA-1-1")),
        (OTHER, (f"DEBIAN-{OTHER}", "DSA-1-1")),
    ]
    assert OTHER not in both[0].aliases


def test_every_binary_of_a_source_has_its_match(tmp_path: Path) -> None:
    records = [osv(f"DEBIAN-{CVE}", "Debian:12", "foo", "introduced 0", upstream=[CVE])]
    both = found(tmp_path, records, deb("libfoo1", "1-1", "foo"), deb("foo-bin", "1-1", "foo"))
    assert [match.package.name for match in both] == ["libfoo1", "foo-bin"]


@pytest.mark.parametrize(
    ("installed", "fixed", "held"),
    [
        ("1:1.20.1-13.el9", "1:1.20.1-14.el9", True),
        ("1.20.1-13.el9", "0:1.20.1-14.el9", True),
        ("0:1.20.1-14.el9", "1.20.1-14.el9", False),
        ("1:1.22.1-3.module_el9.2.0+1", "1:1.22.1-4.module_el9.2.0+2", True),
        ("1:1.20.1-13.el9", "1:1.22.1-4.module_el9.2.0+2", False),
        ("1:1.22.1-3.module_el9.2.0+1", "1:1.24.1-14.el9", False),
    ],
    ids=["epoch", "missing epoch", "same", "module", "no module", "another line"],
)
def test_rpms_with_epochs_and_modules(tmp_path: Path, installed: str, fixed: str, held: bool) -> None:
    records = [osv("ALSA-2024:1", "AlmaLinux:9", "nginx", "introduced 0", f"fixed {fixed}", related=[CVE])]
    assert bool(found(tmp_path, records, rpm(installed))) is held


def test_kev_and_epss_come_through_aliases_upstream_and_related(tmp_path: Path) -> None:
    records = [
        osv("GHSA-1", "npm", "x", "introduced 0", aliases=[CVE]),
        osv("DSA-1-1", "Debian:12", "foo", "introduced 0", upstream=[OTHER]),
        osv("ALSA-2024:1", "AlmaLinux:9", "nginx", "introduced 0", related=[CVE, THIRD]),
        osv("GHSA-2", "npm", "y", "introduced 0", related=[CVE]),
    ]
    kev = {CVE: Kev("2024-01-01", True), OTHER: Kev("2024-02-02", False)}
    a, b, c, d = found(
        tmp_path, records, npm(), deb("foo", "1", "foo"), rpm("1"), npm("y"), kev=kev, epss={CVE: 0.5, THIRD: 0.9}
    )
    assert (a.kev, a.epss and a.epss.probability) == (Kev("2024-01-01", True), 0.5)
    assert (b.kev, b.epss) == (Kev("2024-02-02", False), None)
    assert (c.kev, c.epss and c.epss.probability) == (Kev("2024-01-01", True), 0.5)
    assert (d.kev, d.epss) == (None, None)
    assert (a.facts.kev, a.facts.ransomware, b.facts.ransomware) == (True, True, False)


def test_of_several_cves_the_one_that_weighs_most_gives_the_facts(tmp_path: Path) -> None:
    records = [
        osv("ALSA-2024:1", "AlmaLinux:9", "nginx", "introduced 0", related=[CVE, OTHER]),
        osv("GHSA-1", "npm", "x", "introduced 0", aliases=[CVE], severity=scored(LOW)),
        osv("GHSA-2", "npm", "x", "introduced 0", aliases=[OTHER], severity=scored(CRITICAL)),
    ]
    (match,) = found(tmp_path, records, rpm("1"))
    assert (match.vector, match.severity) == (CRITICAL, "critical")


def test_vectors_come_from_other_records_of_the_flaw(tmp_path: Path) -> None:
    records = [
        osv(f"DEBIAN-{CVE}", "Debian:12", "foo", "introduced 0", upstream=[CVE]),
        osv(f"ALPINE-{CVE}", "Alpine:v3.19", "foo", "introduced 0", upstream=[CVE], severity=scored(CRITICAL)),
    ]
    (match,) = found(tmp_path, records, deb("foo", "1", "foo"))
    assert match.severity == "critical"


def test_a_word_counts_where_there_is_no_vector(tmp_path: Path) -> None:
    (match,) = found(
        tmp_path, [osv("GHSA-1", "npm", "x", "introduced 0", database_specific={"severity": "MODERATE"})], npm()
    )
    assert (match.severity, match.facts.severity, match.facts.vector) == ("medium", "moderate", None)


def test_facts(tmp_path: Path) -> None:
    poc = [{"type": "EVIDENCE", "url": "https://example.org/show"}]
    records = [
        osv(
            "GHSA-1",
            "npm",
            "axios",
            "introduced 0",
            "fixed 2.0.0",
            aliases=[CVE],
            references=poc,
            database_specific={"cwe_ids": ["CWE-78"]},
            published="2025-12-26T00:00:00Z",
        ),
        osv(f"BIT-x-{CVE}", "Bitnami", "y", "introduced 0", aliases=[CVE]),
        *[osv(f"GHSA-{n}", "npm", "axios", "introduced 9.0.0", aliases=[cve]) for n, cve in ((2, OTHER), (3, THIRD))],
    ]
    kev = {CVE: Kev("2024-01-01", False), OTHER: Kev("2024-01-01", False)}
    (match,) = found(tmp_path, records, npm("axios"), kev=kev)
    facts = match.facts
    assert (facts.exploit, facts.server_app, facts.cwe, facts.client_only) == ("poc", True, (78,), True)
    assert (facts.history_known, facts.history_exploited) == (2, 1)
    assert facts.fix_age_days == 10


def test_year_one_is_no_age_and_no_fix_has_none(tmp_path: Path) -> None:
    old = "0001-01-01T00:00:00Z"
    records = [
        osv("GO-1", "npm", "x", "introduced 0", "fixed 2.0.0", published=old),
        osv("GO-2", "npm", "y", "introduced 0"),
    ]
    first, second = found(tmp_path, records, npm(), npm("y"))
    assert (first.facts.fix_age_days, second.facts.fix_age_days, first.published) == (None, None, "")


def test_a_malicious_package_is_called_so_even_without_a_version(tmp_path: Path) -> None:
    records = [osv("MAL-2024-1", "npm", "evil", "introduced 0", aliases=["GHSA-1"])]
    for version in ("1.0.0", "", "not a version"):
        (match,) = found(tmp_path, records, npm("evil", version))
        assert (match.id, match.malicious, match.certain) == ("MAL-2024-1", True, Known.YES)


def test_a_version_that_cannot_be_compared_is_unknown_and_said_so(tmp_path: Path) -> None:
    (match,) = found(
        tmp_path, [osv("GHSA-1", "npm", "x", "introduced 0", "fixed 2.0.0")], npm(version="one point five")
    )
    assert match.certain is Known.UNKNOWN
    assert "cannot be compared" in match.rule


@pytest.mark.parametrize("version", ["", "(devel)", "unknown", "latest"])
def test_no_version_matches_only_what_holds_for_all(tmp_path: Path, version: str) -> None:
    assert found(tmp_path, [osv("GHSA-1", "npm", "x", "introduced 0", "fixed 2.0.0")], npm(version=version)) == []


def test_what_the_distribution_will_not_fix_is_marked(tmp_path: Path) -> None:
    records = [
        osv(
            f"DEBIAN-{CVE}",
            "Debian:12",
            "foo",
            "introduced 0",
            upstream=[CVE],
            affected_ecosystem_specific={"urgency": "unimportant"},
        )
    ]
    (match,) = found(tmp_path, records, deb("foo", "1", "foo"))
    assert (match.ignored, match.distro_severity) == (True, "unimportant")


def test_withdrawn_records_and_notices_never_match(tmp_path: Path) -> None:
    records = [
        osv("GHSA-1", "npm", "x", "introduced 0", withdrawn="2024-01-01T00:00:00Z"),
        osv("RUSTSEC-1", "npm", "x", "introduced 0", affected_database_specific={"informational": "unsound"}),
        osv("ALBA-1", "npm", "x", "introduced 0"),
    ]
    assert found(tmp_path, records, npm()) == []


def test_lines_are_answered_one_by_one(tmp_path: Path) -> None:
    feed(
        tmp_path,
        [
            osv("GHSA-1", "PyPI", "a", "introduced 0"),
            osv(f"DEBIAN-{CVE}", "Debian:12", "foo", "introduced 0", upstream=[CVE]),
        ],
    )
    lines = [
        Line("PyPI", "A", "1"),
        Line("Debian:12", "foo", "1"),
        Line("Debian:11", "foo", "1"),
        Line("Nowhere", "x", "1"),
    ]
    with Feed.open(tmp_path) as known:
        assert [[match.id for match in matched] for matched in match_lines(lines, known)] == [["GHSA-1"], [CVE], [], []]

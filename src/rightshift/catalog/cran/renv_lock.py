"""`renv.lock`: the packages that an R project was locked to. Installed ones: `description.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package

ORIGINS: dict[str, Origin] = {
    "Repository": "registry",
    "GitHub": "git",
    "GitLab": "git",
    "Bitbucket": "git",
    "Git": "git",
    "Local": "local",
    "URL": "url",
}


class MalformedRenvLock(Malformed):
    """JSON that is no lock file."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The packages in the file's order. Those from other repositories than CRAN, such as Bioconductor's, are `unknown`.

    Raises: MalformedRenvLock.
    Source: renv documentation, "Lockfiles".
    """
    match json_document(content):
        case {"Packages": dict(packages)}:
            pass
        case {**rest} if "Packages" not in rest:
            return
        case _:
            raise MalformedRenvLock("no `Packages`")
    bad = 0
    for entry in packages.values():
        match entry:
            case {"Package": str(name), "Version": str(version), **rest} if name:
                where = "Repository" if rest.get("Repository") == "CRAN" else rest.get("Source")
                origin = ORIGINS.get(str(where), "unknown")
                yield Package(ecosystem="cran", name=name, version=version, state="locked", origin=origin)
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} packages without name or version")


FORMAT = Format(
    name="renv-lock",
    ecosystem="cran",
    title="R: renv.lock",
    patterns=("renv.lock",),
    limit_bytes=16 << 20,
    read=read,
)

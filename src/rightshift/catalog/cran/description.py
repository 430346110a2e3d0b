"""`DESCRIPTION` in a library: one R package as it is installed. What a project was locked to: `renv_lock.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package

ORIGINS: dict[str, Origin] = {
    "": "registry",
    "standard": "registry",
    "cran": "registry",
    "local": "local",
    "url": "url",
}


class MalformedDescription(Malformed):
    """No package or no version."""


def read(content: bytes) -> Iterator[Package]:
    """
    The one package; one that was installed from a repository of source code is `git`.

    Raises: MalformedDescription.
    Source: Writing R Extensions, "The DESCRIPTION file".
    """
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").split("\n"):
        key, colon, value = line.partition(":")
        if colon and key[:1].isalpha():
            fields.setdefault(key, value.strip())
    name, version = fields.get("Package"), fields.get("Version")
    if not name or not version:
        raise MalformedDescription("no `Package` or no `Version`")
    license_ = fields.get("License", "")
    yield Package(
        ecosystem="cran",
        name=name,
        version=version,
        origin=ORIGINS.get(fields.get("RemoteType", "").lower(), "git"),
        licenses=(license_,) if license_ else (),
    )


FORMAT = Format(
    name="r-description",
    ecosystem="cran",
    title="R: DESCRIPTION in a library",
    patterns=(
        "library/*/DESCRIPTION",
        "site-library/*/DESCRIPTION",
        "renv/library/*/*/DESCRIPTION",
        "renv/library/*/*/*/DESCRIPTION",
        "renv/library/*/*/*/*/DESCRIPTION",
    ),
    limit_bytes=1 << 20,
    read=read,
)

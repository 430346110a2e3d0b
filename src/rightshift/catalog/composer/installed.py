"""`vendor/composer/installed.json`: the PHP packages that Composer installed. What was locked: `lock.py`."""

from collections.abc import Iterator

from rightshift.catalog.composer.lock import entries
from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedInstalledJson(Malformed):
    """JSON that is no list of installed packages."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The installed packages in the file's order: a bare list from Composer 1, an object from Composer 2.

    Raises: MalformedInstalledJson.
    Source: composer/composer, UPGRADE-2.0.md, "For integrators and composer plugin authors".
    """
    match json_document(content):
        case list(packages):
            yield from entries(packages, "installed")
        case {"packages": list(packages), **rest}:
            names = rest.get("dev-package-names")
            dev = frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
            yield from entries(packages, "installed", dev=dev)
        case _:
            raise MalformedInstalledJson("no list of packages")


FORMAT = Format(
    name="composer-installed",
    ecosystem="composer",
    title="PHP: vendor/composer/installed.json",
    patterns=("composer/installed.json",),
    limit_bytes=32 << 20,
    read=read,
)

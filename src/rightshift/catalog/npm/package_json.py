"""
`package.json` of an installed package, directly below its name in `node_modules`, and of a copy that another one ships.

Projects: their lock files.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.catalog.npm import spec
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 4 << 20

TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "testdata", "test-data", "fixture", "fixtures", "__fixtures__"})
"""What lies in `node_modules` below such a folder of a package is its test data."""


COPIES = "dist/compiled/"
"""Next ships copies of packages below such a folder, each under its own name, most of them without a version."""


class MalformedPackageJson(Malformed):
    """Not JSON, or not an object."""


class _Manifest(msgspec.Struct):
    """Only what is needed is decoded; any type, since npm takes what people write."""

    name: object = None
    version: object = None
    license: object = None
    licenses: object = None
    _resolved: object = None


_decode = msgspec.json.Decoder(_Manifest).decode


def read_file(file: File) -> Iterator[Package]:
    """
    The package that is installed here; nothing for a manifest without name or version, which only helps a loader, or is
    that of a copy whose version nobody noted.

    Raises: MalformedPackageJson, OSError.
    Source: npm documentation, "package.json"; what npm 6 and older add starts with an underscore.
    """
    if _test_data(file.path):
        return
    content = read_whole(file, LIMIT_BYTES)
    try:
        found = _decode(content)
    except (ValueError, RecursionError):
        found = _once_more(content)
    name, version = found.name, found.version
    if not (isinstance(name, str) and isinstance(version, str) and name and version):
        return
    folders = (f"{COPIES}{name}/package.json", f"node_modules/{name}/package.json")
    if COPIES in file.path and not file.path.endswith(folders):
        return
    source = found._resolved
    yield Package(
        ecosystem="npm",
        name=name.strip(),
        version=version.strip().lstrip("=v"),
        licenses=_licenses(found.license or found.licenses) if found.license or found.licenses else (),
        origin=spec.origin(source) if isinstance(source, str) and source else "registry",
    )


def _once_more(content: bytes) -> _Manifest:
    """Some packages hold a byte order mark, UTF-16, or half of a surrogate pair: npm reads those, so do we."""
    try:
        return _decode(text.without_halves(text.json_bytes(content)))
    except (ValueError, RecursionError) as error:
        raise MalformedPackageJson(f"not a JSON object: {error}") from error


def _test_data(path: str) -> bool:
    first = path.find("node_modules/")
    last = path.rfind("node_modules/")
    if first == last:
        return False
    parts = path[first:last].split("/")
    return any(part in TEST_FOLDERS and before != "node_modules" for before, part in pairwise(parts))


def _licenses(value: object) -> tuple[str, ...]:
    """A word, or the old forms: `{"type": …}` and a list of either."""
    found = []
    for item in value if isinstance(value, list) else [value]:
        word = item.get("type") if isinstance(item, dict) else item
        if isinstance(word, str) and word.strip():
            found.append(word.strip())
    return tuple(found)


FORMAT = Format(
    name="npm-installed",
    ecosystem="npm",
    title="JavaScript: package.json in node_modules (also in dist/compiled, and in Debian's share/nodejs)",
    patterns=(
        "node_modules/*/package.json",
        "node_modules/@*/*/package.json",
        "dist/compiled/*/package.json",
        "dist/compiled/@*/*/package.json",
        "share/nodejs/*/package.json",
        "share/nodejs/@*/*/package.json",
    ),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

"""Which distribution a tree is, as its own files say. Until when that one is mended: `end_of_life.py`."""

import re
from collections.abc import Iterator, Mapping

from rightshift.catalog.format import Format
from rightshift.model.package import Distro

_FIELD = re.compile(r"""^([A-Z][A-Z0-9_]{0,63})=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(.*))\s*$""")
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,4}(?:_alpha[0-9]{8})?")

_BEFORE = {
    "etc/alpine-release": "alpine",
    "etc/debian_version": "debian",
    "etc/centos-release": "centos",
    "etc/rocky-release": "rocky",
    "etc/almalinux-release": "almalinux",
    "etc/oracle-release": "ol",
    "etc/fedora-release": "fedora",
    "etc/redhat-release": "rhel",
}
"""Files from before os-release, best first: they hold a version, and the distribution only by their name."""

_FILES = ("etc/os-release", "usr/lib/os-release", *_BEFORE)

_CALLED = {"centos": "centos", "rocky": "rocky", "almalinux": "almalinux", "oracle": "ol", "fedora": "fedora"}
"""First words in `redhat-release` of those that are built from Red Hat's sources."""

VALUE_CHARS = 256


def root(path: str) -> str:
    """The folder of whose tree a file speaks, without slashes around it."""
    return next(
        (path.removesuffix(name).rstrip("/") for name in _FILES if path == name or path.endswith("/" + name)), ""
    )


def read_group(members: Mapping[str, bytes]) -> Iterator[Distro]:
    """
    The distribution at one root. One that was guessed from a file older than os-release has no `name`.

    Source: os-release(5); for what lies in `etc` the same file in `usr/lib` is only the default.
    """
    folder = root(next(iter(members)))
    contents = {path.removeprefix(folder).lstrip("/"): content for path, content in members.items()}
    for file in ("etc/os-release", "usr/lib/os-release"):
        fields = _fields(contents.get(file, b""))
        if fields:
            yield _distro(fields, folder)
            return
    for file, name in _BEFORE.items():
        line = contents.get(file, b"")[:VALUE_CHARS].decode("utf-8", "replace").strip()
        if line:
            words = line.lower().split()
            version = _NUMBER.search(line)
            codename = line.partition("/")[0] if name == "debian" and not version else ""
            name = _CALLED.get(words[0], name) if name == "rhel" else name
            yield Distro(name, version[0] if version else "", codename=codename, root=folder)
            return


def _distro(fields: Mapping[str, str], folder: str) -> Distro:
    return Distro(
        id=fields.get("ID", "linux").lower(),
        version=fields.get("VERSION_ID", ""),
        like=tuple(fields.get("ID_LIKE", "").lower().split()),
        codename=fields.get("VERSION_CODENAME", "") or fields.get("UBUNTU_CODENAME", ""),
        name=fields.get("PRETTY_NAME", "") or fields.get("NAME", "") or "Linux",
        root=folder,
    )


def _fields(content: bytes) -> dict[str, str]:
    """The assignments of the file, of equal ones the last, as a shell would read them."""
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").lstrip("\ufeff").splitlines():
        if len(line) < 4096 and (found := _FIELD.match(line.strip())):
            double, single, plain = found[2], found[3], found[4]
            value = re.sub(r"\\(.)", r"\1", double) if double is not None else single if single is not None else plain
            fields[found[1]] = value.strip()[:VALUE_CHARS]
    return fields


FORMAT = Format(
    name="os-release",
    ecosystem="",
    title="Distributions: etc/os-release, usr/lib/os-release and what was before",
    patterns=_FILES,
    limit_bytes=1 << 20,
    read_group=read_group,
    group=root,
)

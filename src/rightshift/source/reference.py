"""Reads what a person calls the thing to scan. Opening it: `open.py`; telling files apart by bytes: `magic.py`."""

import re
from dataclasses import dataclass
from pathlib import Path

from rightshift.errors import SourceError, UsageError
from rightshift.source.kind import Kind

PREFIXES: dict[str, Kind] = {
    "registry": "registry",
    "docker": "docker",
    "podman": "podman",
    "containerd": "containerd",
    "oci": "oci-layout",
    "oci-layout": "oci-layout",
    "oci-archive": "oci-archive",
    "docker-archive": "docker-archive",
    "dir": "directory",
    "host": "host",
    "file": "file",
    "sbom": "sbom",
    "tar": "tar",
    "zip": "zip",
}
"""What may stand before a colon, in the order of the documentation."""

_LAYOUTS = frozenset({"oci-layout", "oci-archive", "docker-archive"})
_DAEMONS = frozenset({"docker", "podman", "containerd"})
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PATH_LIKE = (".", "/", "~")
_FILE_ENDINGS = (".tar", ".tgz", ".tar.gz", ".tar.zst", ".zip", ".jar", ".json", ".xml", ".lock", ".spdx")
_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageName:
    """A full name. `host` may have a port; of `tag` and `digest` one is there at least, and the digest decides."""

    host: str
    repository: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        text = f"{self.host}/{self.repository}"
        if self.tag:
            text += f":{self.tag}"
        return f"{text}@{self.digest}" if self.digest else text

    @property
    def reference(self) -> str:
        """What a registry is asked for."""
        return self.digest or self.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """
    What to open and how. `text` is as it was written.

    `path` is a path on this machine, `entry` the image inside a layout or archive (a name, a tag or a digest), `image`
    the name of an image, `container` what a runtime may know as the name or id of an image or a container.
    """

    kind: Kind
    text: str
    path: str = ""
    entry: str = ""
    image: ImageName | None = None
    container: str = ""


def parse(text: str) -> Reference:
    """
    What a person means; looks at the file system where the text names no kind.

    Raises:
        UsageError: it is neither a name of an image nor a path.
        SourceError: it looks like a path and nothing is there.
    """
    if not text or "\0" in text or "\n" in text or len(text) > 4096:
        raise UsageError("There is no name of an image, a folder or a file", do="Write it as nginx:1.27 or ./folder")
    prefix, colon, rest = text.partition(":")
    kind = PREFIXES.get(prefix)
    if colon and kind and not _exists(text):
        return _prefixed(kind, text, rest)
    if _exists(text):
        from rightshift.source import magic

        return Reference(kind=magic.kind(text), text=text, path=text)
    if text.startswith(_PATH_LIKE) or text.lower().endswith(_FILE_ENDINGS):
        do = "Check the path; an image is written as registry:NAME"
        raise SourceError(f"{text} is no file or folder here", do=do)
    try:
        return Reference(kind="image", text=text, image=image_name(text))
    except UsageError as error:
        what = f"{text} is no file or folder here, and no name of an image: {error.what}"
        raise UsageError(what, do=error.do) from error


def image_name(text: str) -> ImageName:
    """
    The full name of an image: `nginx` is `docker.io/library/nginx:latest`.

    Source: distribution/reference, grammar; Docker Hub's default host, folder and tag.

    Raises:
        UsageError: it is not written as a name of an image.
    """
    name, at, proof = text.partition("@")
    if at:
        from rightshift.source import digest

        try:
            digest.parse(proof)
        except SourceError as error:
            raise UsageError(f"“{proof[:80]}” is no digest", do="A digest is sha256: and 64 hex digits") from error
    first, slash, rest = name.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        first, rest = "docker.io", name
    path, colon, tag = rest.partition(":")
    host = "docker.io" if first in _HUB else first
    if host == "docker.io" and "/" not in path:
        path = f"library/{path}"
    if not _HOST.fullmatch(host) or ".." in host or not 0 < _port(host) < 65536:
        raise UsageError(f"“{first[:80]}” is no host of a registry")
    if len(path) > 255 or not _PATH.fullmatch(path):
        do = f"Names of images are lower case: {text.lower()[:120]}" if path != path.lower() else ""
        raise UsageError(f"“{rest[:80]}” is no name of an image", do=do)
    if colon and not _TAG.fullmatch(tag):
        raise UsageError(f"“{tag[:80]}” is no tag of an image")
    return ImageName(host=host, repository=path, tag=tag or ("" if at else "latest"), digest=proof)


def _prefixed(kind: Kind, text: str, rest: str) -> Reference:
    rest = rest.removeprefix("//") if kind in ("registry", *_DAEMONS) else rest
    if not rest:
        if kind == "host":
            return Reference(kind=kind, text=text, path="/")
        raise UsageError(f"{text} names nothing", do=f"Write something after {text}")
    if kind == "registry":
        return Reference(kind=kind, text=text, image=image_name(rest))
    if kind in _DAEMONS:
        try:
            return Reference(kind=kind, text=text, image=image_name(rest), container=rest)
        except UsageError:
            return Reference(kind=kind, text=text, container=rest)
    path, entry = _split_entry(rest) if kind in _LAYOUTS else (rest, "")
    if not _exists(path):
        raise SourceError(f"{path} is no file or folder here", do="Check the path")
    return Reference(kind=kind, text=text, path=path, entry=entry)


def _split_entry(rest: str) -> tuple[str, str]:
    """A path, and what follows `:` or `@` when the whole is no path: `layout:tag`, `layout@sha256:…`."""
    if _exists(rest):
        return rest, ""
    path, at, proof = rest.partition("@sha256:")
    if at and _exists(path):
        return path, "sha256:" + proof
    for place in (i for i, char in enumerate(rest) if char == ":"):
        if _exists(rest[:place]):
            return rest[:place], rest[place + 1 :]
    return rest, ""


def _port(host: str) -> int:
    _, colon, port = host.rpartition(":")
    return int(port) if colon and not port.endswith("]") else 443


def _exists(path: str) -> bool:
    try:
        return Path(path).exists() or Path(path).is_symlink()
    except OSError:
        return False

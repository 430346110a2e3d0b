"""Go's modules in a binary that was built from them. Modules that a checkout asks for: `mod.py`."""

import re
import struct
from collections.abc import Iterator

from rightshift.catalog.binaries import executable
from rightshift.catalog.binaries.section import Section
from rightshift.catalog.format import Format
from rightshift.catalog.golang import main_module
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Origin, Package
from rightshift.tree.file import File

MODULES = 50_000
"""Of one binary; the largest known have some two thousand."""

MODULES_BYTES = 16 << 20
VERSION_BYTES = 1024

SEARCHED_BYTES = 64 << 10
"""The build info lies in the first 32 KiB of the data that it is in."""

_MAGIC = b"\xff Go buildinf:"
_HEAD_BYTES = 32
_INLINE, _BIG_ENDIAN = 2, 1
_FLAGS, _PURE = "\nbuild\t-ldflags=", "\nbuild\tCGO_ENABLED=0"
_UNKNOWN = ("", "(devel)")
_RELEASE = re.compile(r"\bgo([0-9]{1,5}(?:\.[0-9]{1,5}){0,3}(?:(?:rc|beta)[0-9]{1,5})?)")


class MalformedBuildInfo(Malformed):
    """A length or a pointer in it leads nowhere."""


def read_file(file: File) -> Iterator[Package | Gap]:
    """
    The standard library at the version of the compiler, the main module, and all modules linked in.

    A module that was replaced by another one is that other one; one replaced by a folder keeps its name, and its
    origin is local: nobody knows what is in it. A main module without a version has the one that the linker was told,
    by its flags or as it wrote it down, else Go's own word `(devel)`. A binary built without modules names its main
    package only: its module is had by that.

    Raises: MalformedExecutable, MalformedBuildInfo.
    Source: Go's debug/buildinfo (both layouts) and runtime/debug, `ParseBuildInfo`.
    """
    section = executable.find(file, ".go.buildinfo", ".data", "__go_buildinfo")
    if not section:
        return
    found = _build_info(file, section)
    if not found:
        return
    compiler, modules = found
    release = _RELEASE.search(compiler)
    yield _package("stdlib", release[1] if release else "")
    main = _main(modules)
    if main and main.version in _UNKNOWN and _PURE in modules and (embedded := main_module.embedded_version(file)):
        main = main.but(version=embedded, evidence="classifier")
    yield from _modules(modules, main)


def _build_info(file: File, section: Section) -> tuple[str, str] | None:
    """The compiler's version and the lines that list modules."""
    data = section.read(file, SEARCHED_BYTES)
    at = data.find(_MAGIC)
    while at >= 0 and at % 16:
        at = data.find(_MAGIC, at + 1)
    if at < 0:
        return None
    head = data[at : at + _HEAD_BYTES]
    if len(head) < _HEAD_BYTES:
        raise MalformedBuildInfo("its head is cut off")
    start = section.offset + at
    if head[15] & _INLINE:
        version, after = _inline(file, start + _HEAD_BYTES, VERSION_BYTES)
        modules, _ = _inline(file, after, MODULES_BYTES)
    else:
        version, modules = _pointed(file, section, head)
    modules = modules[16:-16] if len(modules) >= 33 and modules[-17:-16] == b"\n" else b""
    return version.decode("utf-8", "replace"), modules.decode("utf-8", "replace")


def _inline(file: File, at: int, limit_bytes: int) -> tuple[bytes, int]:
    """A text behind its length, and where it ends."""
    length = shift = 0
    for byte in file.pread(at, 10):
        at += 1
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return _text(file, at, length, limit_bytes), at + length
    raise MalformedBuildInfo("a length without an end")


def _pointed(file: File, section: Section, head: bytes) -> tuple[bytes, bytes]:
    """The two texts behind pointers to Go strings, as before Go 1.18."""
    order, word = ">" if head[15] & _BIG_ENDIAN else "<", {4: "I", 8: "Q"}.get(head[14])
    if not word:
        raise MalformedBuildInfo(f"pointers of {head[14]} bytes")
    size = head[14]
    texts = []
    for pointer, limit_bytes in zip(
        struct.unpack_from(order + 2 * word, head, 16), (VERSION_BYTES, MODULES_BYTES), strict=True
    ):
        at = executable.place(file, section, pointer) if pointer else None
        fields = file.pread(at, 2 * size) if at is not None else b""
        if len(fields) < 2 * size:
            if pointer:
                raise MalformedBuildInfo("a pointer leads nowhere")
            texts.append(b"")
            continue
        address, length = struct.unpack(order + 2 * word, fields)
        at = executable.place(file, section, address) if length else 0
        if at is None:
            raise MalformedBuildInfo("a text lies nowhere")
        texts.append(_text(file, at, length, limit_bytes))
    return texts[0], texts[1]


def _text(file: File, at: int, length: int, limit_bytes: int) -> bytes:
    if length > min(limit_bytes, file.size - at):
        raise MalformedBuildInfo(f"a text of {length} bytes")
    return file.pread(at, length)


def _modules(lines: str, main: Package | None) -> Iterator[Package | Gap]:
    """
    One package a module, `main` first. A line `=>` replaces the module of the line before it.

    Source: Go's runtime/debug, `ParseBuildInfo`.
    """
    last = main
    count = bad = 0
    for line in lines.split("\n"):
        kind, *fields = line.split("\t")
        if kind == "mod" and main and not count:
            count += 1
        elif kind in ("mod", "dep", "=>"):
            name, version = fields[0] if fields else "", fields[1] if len(fields) > 1 else ""
            if not name or (kind == "=>" and not last):
                bad += 1
                continue
            if kind == "=>":
                last = _replaced(last, name, version) if last else None
                continue
            if last:
                yield last
            count += 1
            if count > MODULES:
                yield Gap("", f"more than {MODULES} modules")
                return
            last = _package(name, version)
        elif line and kind not in ("path", "build"):
            bad += 1
    if last:
        yield last
    if bad:
        yield Gap("", f"{bad} lines of its module list are none")


def _main(lines: str) -> Package | None:
    """The main module, by its own line or by that of the main package."""
    path, _, rest = lines.partition("\n")
    if not path.startswith("path\t"):
        return None
    kind, *fields = rest.partition("\n")[0].split("\t")
    if kind == "mod":
        name, version = (*fields, "", "")[:2]
    else:
        name, version = main_module.of_package(path[5:].strip()), ""
    flags = lines.partition(_FLAGS)[2].partition("\n")[0] if version in _UNKNOWN else ""
    return _package(name, main_module.linked_version(name, flags) or version) if name else None


def _replaced(module: Package, name: str, version: str) -> Package:
    if version in _UNKNOWN or name.startswith((".", "/")):
        return _package(module.name, module.version, "local")
    return _package(name, version)


def _package(name: str, version: str, origin: Origin = "registry") -> Package:
    return Package(ecosystem="golang", name=name, version=version, state="linked", origin=origin, evidence="build info")


FORMAT = Format(
    name="go-binary",
    ecosystem="golang",
    title="Go: modules in executables (ELF, PE, Mach-O)",
    executables=True,
    limit_bytes=1 << 40,
    read_file=read_file,
)

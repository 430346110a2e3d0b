"""Valid inputs to begin with: what stands in the tests of a reader, and the real files of the data set where it is."""

import ast
import gzip
import importlib
import io
import json
import sqlite3
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import ModuleType

from rightshift.catalog.declared import Declared
from tests.catalog.binaries import forge
from tests.catalog.cargo import test_auditable
from tests.catalog.rpm import forge as rpm
from tests.catalog.rpm.test_sqlite import TABLE
from tests.shared import FOLDER

TESTS = Path(__file__).parents[1]
LARGEST_BYTES = 128 << 10
MOST = 16
SHORTEST = 12
"""Texts in a test that are shorter are names and versions, no files."""


def of_format(form: Declared) -> list[bytes]:
    """What this format reads, or is told that it can't, each once; real files first."""
    found = [content for pattern in form.patterns for content in real(pattern)][:MOST]
    found += _made(form.name)
    found += _in_tests(form.module)
    return list(dict.fromkeys(content for content in found if len(content) <= LARGEST_BYTES))[: 2 * MOST] or [b""]


def real(pattern: str) -> list[bytes]:
    """Files of the data set whose path fits a format's pattern, small ones first; none without the data set."""
    parts = pattern.split("/")
    found = []
    for parents, file in _inventory():
        if len(parents) >= len(parts) and all(map(fnmatchcase, parents[-len(parts) :], parts)):
            found.append(file.read_bytes())
    return sorted(found, key=len)[:MOST]


@cache
def _inventory() -> list[tuple[tuple[str, ...], Path]]:
    roots = (FOLDER / "fixtures" / "inventory").glob("*/*/root")
    found = ((root, file) for root in roots for file in root.rglob("*") if not file.is_symlink() and file.is_file())
    return [(file.relative_to(root).parts, file) for root, file in found if file.stat().st_size <= LARGEST_BYTES]


def _in_tests(module: str) -> Iterator[bytes]:
    """Texts, bytes and JSON that stand in the tests of a module, or of all its neighbours where it has none itself."""
    *folders, name = module.split(".")[1:]
    folder = TESTS.joinpath(*folders)
    own = folder / f"test_{name}.py"
    for file in [own] if own.exists() else sorted(folder.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            yield from _literal(node)
        yield from _bytes_of(importlib.import_module(f"tests.{'.'.join(folders)}.{file.stem}"))


def _literal(node: ast.AST) -> Iterator[bytes]:
    with suppress(ValueError, TypeError):
        match node:
            case ast.Constant(value=str(text)) if len(text) >= SHORTEST:
                yield text.encode()
            case ast.Constant(value=bytes(content)) if len(content) >= SHORTEST:
                yield content
            case ast.Dict() | ast.List():
                text = json.dumps(ast.literal_eval(node))
                if len(text) >= SHORTEST:
                    yield text.encode()


def _bytes_of(module: ModuleType) -> Iterator[bytes]:
    """What a test module computes when it is loaded: databases, executables, archives."""
    for value in vars(module).values():
        inner: Iterable[object] = value.values() if isinstance(value, dict) else (value,)
        yield from (one for one in inner if isinstance(one, bytes) and len(one) >= SHORTEST)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, member in members.items():
            file.writestr(name, member)
    return content.getvalue()


def tarred(form: int) -> bytes:
    """A layer with files, links of both kinds, whiteouts and long names."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=form) as tar:
        for name, body in (
            ("var/lib/dpkg/status", b"Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n"),
            ("app/node_modules/a/package.json", b'{"name": "a", "version": "1.0.0"}'),
            ("app/.wh.gone", b""),
            ("etc/.wh..wh..opq", b""),
            ("usr/" + "long/" * 30 + "Cargo.lock", b'[[package]]\nname = "a"\nversion = "1.0.0"\n'),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        for name, kind, target in (
            ("lib", tarfile.SYMTYPE, "usr/lib"),
            ("etc/os-release", tarfile.SYMTYPE, "../usr/lib/os-release"),
            ("app/package-lock.json", tarfile.LNKTYPE, "app/node_modules/a/package.json"),
            ("dev/null", tarfile.CHRTYPE, ""),
            ("opt", tarfile.DIRTYPE, ""),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
    return content.getvalue()


def layers() -> list[bytes]:
    """Layers plain and packed, in the three dialects of tar."""
    import zstandard

    plain = [tarred(form) for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)]
    return [*plain, gzip.compress(plain[1], mtime=0), zstandard.compress(plain[2]), gzip.compress(plain[0]) * 2]


def _made(name: str) -> list[bytes]:
    """What no text in a test is."""
    pom = b"groupId=org.example\nartifactId=a\nversion=1.0\n"
    manifest = b"Manifest-Version: 1.0\nImplementation-Title: a\nImplementation-Version: 1.0\n\n"
    jar = zipped({"META-INF/maven/org.example/a/pom.properties": pom, "META-INF/MANIFEST.MF": manifest})
    match name:
        case "java-archive":
            return [jar, zipped({"BOOT-INF/lib/a-1.0.jar": jar, "WEB-INF/lib/b-2.0.jar": jar})]
        case "java-unpacked":
            return [pom]
        case "python-archive":
            return [zipped({"a-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: a\nVersion: 1.0\n"})]
        case "otp-app":
            return [b'{application, a,\n [{vsn, "1.0"}, {modules, [a]}]}.\n']
        case "cargo-auditable":
            section = {".dep-v0": test_auditable.SECTION}
            return [forge.elf(section), forge.pe(section), forge.macho(section)]
        case "programs":
            text = {".rodata": b"\0redis_version:7.2.4\0OpenSSL 3.0.13 30 Jan 2024\0nginx/1.25.3\0Python 3.12.1\0"}
            return [forge.elf(text), forge.pe(text), forge.macho(text)]
        case "cyclonedx":
            part = {"type": "library", "name": "a", "version": "1", "purl": "pkg:deb/debian/a@1?arch=amd64&upstream=b"}
            return [
                _json(
                    {
                        "bomFormat": "CycloneDX",
                        "specVersion": "1.6",
                        "components": [part, {**part, "components": [part]}],
                    }
                )
            ]
        case "spdx":
            purls = [{"referenceType": "purl", "referenceLocator": "pkg:npm/%40a/b@1"}]
            one: dict[str, object] = {
                "SPDXID": "SPDXRef-x",
                "name": "b",
                "versionInfo": "1",
                "externalRefs": purls,
                "licenseDeclared": "MIT",
            }
            return [_json({"spdxVersion": "SPDX-2.3", "packages": [one], "documentDescribes": ["SPDXRef-x"]})]
        case "rpm-sqlite-wal":
            return [_log()]
    return []


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@cache
def _log() -> bytes:
    """What SQLite leaves beside a database that nobody closed."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder, "rpmdb.sqlite"))
        connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; {TABLE};")
        connection.execute("INSERT INTO Packages (blob) VALUES (?)", (rpm.package("new", files=20),))
        connection.commit()
        content = Path(folder, "rpmdb.sqlite-wal").read_bytes()
        connection.close()
    return content

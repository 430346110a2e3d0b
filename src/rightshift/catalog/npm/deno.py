"""`deno.lock` and the imports of `deno.json`: packages from npm and JSR. Modules by address have no name to go by."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.catalog.npm import spec
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 32 << 20


class MalformedDeno(Malformed):
    """Not JSON, or not an object."""


def read_file(file: File) -> Iterator[Package]:
    """
    What a Deno project locked, or imports where it has only its configuration: then the lowest version asked for.

    A package of JSR has no ecosystem of its own here; it stands without its @ and never matches one of npm's.

    Raises: MalformedDeno, OSError.
    Source: Deno documentation, "Configuration: dependencies" and "lock"; lock versions 2 to 5.
    """
    try:
        document = text.jsonc_document(read_whole(file, LIMIT_BYTES))
    except Malformed as error:
        raise MalformedDeno(str(error)) from error
    if not isinstance(document, dict):
        raise MalformedDeno("not an object")
    found = _locked(document) if file.path.endswith(".lock") else _imported(document)
    yield from spec.distinct(list(found))


def _locked(document: dict[str, object]) -> Iterator[Package]:
    inner = document.get("packages")
    tables = inner if isinstance(inner, dict) else document
    npm, jsr = tables.get("npm"), tables.get("jsr")
    if isinstance(npm, dict) and isinstance(npm.get("packages"), dict):
        npm = npm["packages"]
    for key in npm if isinstance(npm, dict) else ():
        name, version = spec.split(key)
        yield Package(ecosystem="npm", name=name, version=version.partition("_")[0], state="locked")
    for key in jsr if isinstance(jsr, dict) else ():
        name, version = spec.split(key)
        yield _of_jsr(name, version)


def _imported(document: dict[str, object]) -> Iterator[Package]:
    imports = document.get("imports")
    for address in imports.values() if isinstance(imports, dict) else ():
        if not isinstance(address, str):
            continue
        kind, _, rest = address.partition(":")
        name, version = spec.split(rest.lstrip("/"))
        version = version.partition("/")[0]
        if kind == "npm" and (lowest := spec.lowest(version)):
            yield Package(ecosystem="npm", name=name, version=lowest, state="locked")
        elif kind == "jsr" and version:
            yield _of_jsr(name, version)


def _of_jsr(name: str, version: str) -> Package:
    return Package(ecosystem="npm", name=name.removeprefix("@"), version=version, state="locked", origin="url")


FORMAT = Format(
    name="deno",
    ecosystem="npm",
    title="JavaScript: deno.lock, deno.json, deno.jsonc",
    patterns=("deno.lock", "deno.json", "deno.jsonc"),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

"""`extensions/extensions.json`: the extensions installed in an editor of Visual Studio Code's family."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


class MalformedExtensions(Malformed):
    """JSON that is no list of extensions."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The extensions in the file's order, each by `publisher.name`.

    Raises: MalformedExtensions.
    Source: microsoft/vscode, src/vs/platform/extensionManagement/common/extensionsProfileScannerService.ts.
    """
    match json_document(content):
        case list(extensions):
            pass
        case _:
            raise MalformedExtensions("not a list")
    bad = 0
    for entry in extensions:
        match entry:
            case {"identifier": {"id": str(name)}, "version": str(version)} if name:
                yield Package(ecosystem="vscode-extension", name=name, version=version)
            case _:
                bad += 1
    if bad:
        yield Gap("", f"{bad} extensions without id or version")


FORMAT = Format(
    name="vscode-extensions",
    ecosystem="vscode-extension",
    title="Visual Studio Code: extensions/extensions.json",
    patterns=("extensions/extensions.json",),
    limit_bytes=8 << 20,
    read=read,
)

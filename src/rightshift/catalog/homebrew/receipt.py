"""Homebrew's receipt of one installed formula. Its folder says what it is: `Cellar/NAME/VERSION`."""

from collections.abc import Iterator

from rightshift.catalog import text
from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 4 << 20


class MalformedReceipt(Malformed):
    """Not a receipt, or not in the folder of a formula."""


def read_file(file: File) -> Iterator[Package]:
    """
    The formula. Those of other taps share names with Homebrew's own, and are of unknown origin.

    Raises: Malformed.
    Source: Homebrew's documentation, "Formula Cookbook" (terminology), and Library/Homebrew/tab.rb.
    """
    document = text.json_document(read_whole(file, LIMIT_BYTES))
    *_, name, version, _ = ("", "", *file.path.split("/"))
    if not isinstance(document, dict) or not name or not version:
        raise MalformedReceipt("no receipt of a formula")
    match document.get("source"):
        case {"tap": str(tap)} if tap and tap != "homebrew/core":
            yield Package(ecosystem="brew", name=name, version=version, origin="unknown", evidence="database")
        case _:
            yield Package(ecosystem="brew", name=name, version=version, evidence="database")


FORMAT = Format(
    name="homebrew-receipt",
    ecosystem="brew",
    title="Homebrew: Cellar/*/*/INSTALL_RECEIPT.json",
    patterns=("Cellar/*/*/INSTALL_RECEIPT.json",),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

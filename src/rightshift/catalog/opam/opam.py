"""`*.opam` and `NAME.VERSION/opam`: one OCaml package, installed in a switch or in source."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.package import Origin, Package, State
from rightshift.tree.file import File, read_whole

LIMIT_BYTES = 1 << 20

_FIELD = re.compile(r"^(name|version|license|opam-version):\s{0,40}(?:\[\s{0,40})?\"([^\"\\\n]{0,256})\"", re.MULTILINE)
_TEXT = re.compile(r'"""(?:[^"]|"(?!""))*+"""')


class MalformedOpam(Malformed):
    """Text that is no description of a package."""


def read_file(file: File) -> Iterator[Package]:
    """
    The one package. Its name is that of the file or folder; its version the folder's, else what the file says, if any.

    Below `.opam-switch/packages/` it is installed; elsewhere it is source.

    Raises: MalformedOpam.
    Source: The opam manual, "Package definitions", "opam roots, switches and packages".
    """
    text = _TEXT.sub('""', decoded(read_whole(file, LIMIT_BYTES)))
    fields = dict(reversed(_FIELD.findall(text)))
    if "opam-version" not in fields:
        raise MalformedOpam("no `opam-version`")
    folder, _, own = file.path.rpartition("/")
    if own == "opam":
        name, _, version = folder.rpartition("/")[2].partition(".")
    else:
        name, version = own.removesuffix(".opam"), fields.get("version", "")
    if not name:
        raise MalformedOpam("no name")
    state: State = "installed" if ".opam-switch/packages/" in file.path else "locked"
    origin: Origin = "registry" if state == "installed" else "local"
    licenses = (fields["license"],) if fields.get("license") else ()
    yield Package(ecosystem="opam", name=name, version=version, state=state, origin=origin, licenses=licenses)


FORMAT = Format(
    name="opam",
    ecosystem="opam",
    title="OCaml: *.opam, NAME.VERSION/opam",
    patterns=("*.opam", "*.*/opam"),
    limit_bytes=LIMIT_BYTES,
    read_file=read_file,
)

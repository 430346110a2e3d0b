"""`pack.pl`: one pack of SWI-Prolog. It is a Prolog program: it is read, never run."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.model.package import Package

_FACT = re.compile(
    r"^[ \t]*(name|version)\([ \t]*(?:'([^'\\\n]{1,256})'|\"([^\"\\\n]{1,256})\"|([\w.]{1,256}))[ \t]*\)[ \t]*\.",
    re.MULTILINE,
)


def read(content: bytes) -> Iterator[Package]:
    """
    The one pack; nothing where no fact names one: Perl programs are called like this too.

    Source: SWI-Prolog manual, "Creating a SWI-Prolog package", "pack.pl".
    """
    facts = {fact[1]: fact[2] or fact[3] or fact[4] for fact in _FACT.finditer(content.decode("utf-8", "replace"))}
    if "name" in facts:
        yield Package(ecosystem="swiplpack", name=facts["name"], version=facts.get("version", ""))


FORMAT = Format(
    name="swipl-pack",
    ecosystem="swiplpack",
    title="SWI-Prolog: pack.pl",
    patterns=("pack.pl",),
    limit_bytes=1 << 20,
    read=read,
)

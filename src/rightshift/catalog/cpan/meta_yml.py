"""`META.yml`, `MYMETA.yml`: one distribution of Perl modules, in the older form. The newer: `meta_json.py`."""

from collections.abc import Iterator

from rightshift.catalog.cpan.meta_json import distribution
from rightshift.catalog.format import Format
from rightshift.catalog.text import yaml_documents
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedMetaYml(Malformed):
    """YAML that is no mapping."""


def read(content: bytes) -> Iterator[Package]:
    """
    The one distribution; nothing where the file names none.

    Raises: MalformedMetaYml.
    Source: CPAN::Meta::Spec, "HISTORY", version 1.4.
    """
    match yaml_documents(content):
        case [dict(meta)]:
            yield from distribution(meta)
        case [] | [None]:
            return
        case _:
            raise MalformedMetaYml("not a mapping")


FORMAT = Format(
    name="cpan-meta-yml",
    ecosystem="cpan",
    title="Perl: META.yml, MYMETA.yml",
    patterns=("META.yml", "MYMETA.yml"),
    limit_bytes=4 << 20,
    read=read,
)

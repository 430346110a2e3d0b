"""`META.json`, `MYMETA.json`: one distribution of Perl modules. The older form: `meta_yml.py`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_document
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedMetaJson(Malformed):
    """JSON that is no object."""


def read(content: bytes) -> Iterator[Package]:
    """
    The one distribution; nothing where the file names none, or is not Perl's: others use the file's name too.

    Raises: MalformedMetaJson.
    Source: CPAN::Meta::Spec, version 2.
    """
    match json_document(content):
        case dict(meta):
            yield from distribution(meta)
        case _:
            raise MalformedMetaJson("not an object")


def distribution(meta: dict[object, object]) -> Iterator[Package]:
    """The distribution that a meta file of either form describes."""
    match meta:
        case {"meta-spec": {"url": str(url)}} if "pgxn" in url.lower():
            return  # PostgreSQL's extensions
        case {"name": str(name), "version": str() | int() | float() as version, "meta-spec": _, **rest} if name:
            licenses = rest.get("license")
            names = licenses if isinstance(licenses, list) else [licenses]
            yield Package(
                ecosystem="cpan",
                name=name,
                version=str(version),
                licenses=tuple(text for text in names if isinstance(text, str) and text != "unknown"),
            )


FORMAT = Format(
    name="cpan-meta-json",
    ecosystem="cpan",
    title="Perl: META.json, MYMETA.json",
    patterns=("META.json", "MYMETA.json"),
    limit_bytes=4 << 20,
    read=read,
)

"""`conda-meta/*.json`: a package installed in a Conda environment. What an environment asks for: `environment.py`."""

from collections.abc import Iterator
from typing import Any

import msgspec

from rightshift.catalog.format import Format
from rightshift.catalog.text import json_bytes
from rightshift.errors import Malformed
from rightshift.model.package import Package


class MalformedCondaMeta(Malformed):
    """JSON that is no record of a package."""


class _Record(msgspec.Struct):
    """The few fields that count: records list each file of the package, and there are hundreds of them."""

    name: str
    version: str
    license: Any = None
    channel: Any = None


_decode = msgspec.json.Decoder(_Record).decode


def read(content: bytes) -> Iterator[Package]:
    """
    The one package.

    Raises: MalformedCondaMeta.
    Source: Conda documentation, "Repodata record", "PrefixRecord".
    """
    try:
        record = _decode(json_bytes(content))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedCondaMeta(f"no record of a package: {str(error)[:200]}") from error
    licenses = (record.license,) if isinstance(record.license, str) and record.license else ()
    yield Package(ecosystem="conda", name=record.name, version=record.version, licenses=licenses)


FORMAT = Format(
    name="conda-meta",
    ecosystem="conda",
    title="Conda: conda-meta/*.json",
    patterns=("conda-meta/*.json",),
    limit_bytes=32 << 20,
    read=read,
)

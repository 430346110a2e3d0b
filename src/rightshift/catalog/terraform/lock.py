"""`.terraform.lock.hcl`: the providers that Terraform or OpenTofu was locked to."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

_PROVIDER = re.compile(r'provider\s{1,40}"([^"\\\s]{1,400})"\s{0,40}\{')
_VERSION = re.compile(r'\s{0,40}version\s{0,40}=\s{0,40}"([^"\\\s]{1,256})"')


class MalformedTerraformLock(Malformed):
    """Text that holds something, but no provider."""


def read(content: bytes) -> Iterator[Package | Gap]:
    """
    The providers in the file's order, each by host, namespace and type, as the file writes it.

    Raises: MalformedTerraformLock.
    Source: Terraform documentation, "Dependency Lock File".
    """
    name = ""
    seen = bad = rest = 0
    for line in decoded(content).split("\n"):
        if provider := _PROVIDER.match(line):
            bad += bool(name)
            seen += 1
            name = provider[1]
        elif name and (version := _VERSION.match(line)):
            yield Package(ecosystem="terraform", name=name, version=version[1], state="locked")
            name = ""
        elif line.strip() and not line.lstrip().startswith(("#", "//")):
            rest += 1
    bad += bool(name)
    if rest and not seen:
        raise MalformedTerraformLock("no provider")
    if bad:
        yield Gap("", f"{bad} providers without a version")


FORMAT = Format(
    name="terraform-lock",
    ecosystem="terraform",
    title="Terraform: .terraform.lock.hcl",
    patterns=(".terraform.lock.hcl",),
    limit_bytes=4 << 20,
    read=read,
)

"""What is read from the SPDX document of a Bitnami component, and what is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.bitnami import spdx
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def document(*purls: str, **more: object) -> bytes:
    references = [{"referenceType": "purl", "referenceLocator": purl} for purl in purls]
    package = {"name": "redis", "licenseDeclared": "RSALv2", "externalRefs": references, **more}
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": [package]}).encode()


def test_the_component_as_its_own_purl_says() -> None:
    (found,) = spdx.read(document("pkg:bitnami/redis@7.4.0-0?arch=arm64&distro=debian-12"))
    assert isinstance(found, Package)
    assert (found.name, found.version, found.arch, found.state) == ("redis", "7.4.0-0", "arm64", "claimed")
    assert found.licenses == ("RSALv2",)


def test_what_it_was_built_from_and_unsaid_licences_are_left_out() -> None:
    assert list(spdx.read(document("pkg:pypi/pip@1"))) == []
    (found,) = spdx.read(document("pkg:bitnami/a%2Bb@1", licenseDeclared="NOASSERTION"))
    assert isinstance(found, Package)
    assert (found.name, found.licenses) == ("a+b", ())


def test_a_package_without_a_name_is_told() -> None:
    (gap,) = spdx.read(b'{"packages": [{}]}')
    assert isinstance(gap, Gap)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"packages": {}}', b"SPDXVersion: SPDX-2.3"])
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(spdx.read(content))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(spdx.read(content))

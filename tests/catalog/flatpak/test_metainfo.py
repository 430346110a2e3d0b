"""What is read from an application's metainfo, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.flatpak import metainfo
from rightshift.errors import Malformed

METAINFO = b"""<?xml version="1.0"?><component type="desktop"><id>org.gimp.GIMP</id>
<project_license>GPL-3.0+</project_license>
<releases><release version="2.10.38" date="2024-05-02"/><release version="2.10.36"/></releases></component>"""


def test_the_newest_release_is_the_one_installed() -> None:
    (found,) = metainfo.read(METAINFO)
    assert (found.name, found.version, found.licenses) == ("org.gimp.GIMP", "2.10.38", ("GPL-3.0+",))


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"<component><id>a</id></component>",
        b"<component><releases><release version='1'/></releases></component>",
        METAINFO.replace(b"component", b"other"),
        METAINFO.replace(b"?>", b"?><!DOCTYPE c [<!ENTITY a 'b'>]>", 1),
    ],
    ids=["no XML", "no release", "no id", "no component", "entities"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(metainfo.read(content))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(metainfo.read(content))

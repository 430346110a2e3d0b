"""What is read from Portage's folder of a package, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.portage import contents
from rightshift.model.package import Owned, Package

CONTENTS = b"dir /usr\nobj /usr/bin/a tool 376c02bd 1649284374\nsym /usr/bin/b -> a tool 1649284374\n"


def group(folder: str, **files: bytes) -> dict[str, bytes]:
    return {f"{folder}/{name}": content for name, content in files.items()}


def test_the_package_that_the_folder_is_called_after() -> None:
    members = group("var/db/pkg/app-misc/a-tool-1.5.1_rc2-r3", CONTENTS=CONTENTS, LICENSE=b"MIT BSD-2\n", SIZE=b"1")
    package, owned = contents.read_group(members)
    assert isinstance(package, Package)
    assert (package.name, package.version) == ("app-misc/a-tool", "1.5.1_rc2-r3")
    assert package.licenses == ("MIT", "BSD-2")
    assert package.locations == tuple(sorted(members))
    assert owned == Owned("app-misc/a-tool", "", ("usr/bin/a tool", "usr/bin/b"))


@pytest.mark.parametrize(
    ("folder", "name", "version"),
    [
        ("gtk+-2.24.33-r3", "gtk+", "2.24.33-r3"),
        ("font-adobe-100dpi-1.0.4", "font-adobe-100dpi", "1.0.4"),
        ("lib-9999", "lib", "9999"),
    ],
)
def test_where_the_name_ends(folder: str, name: str, version: str) -> None:
    package = next(iter(contents.read_group(group(f"var/db/pkg/x11/{folder}", CONTENTS=b""))))
    assert isinstance(package, Package)
    assert (package.name, package.version) == (f"x11/{name}", version)


def test_a_licence_without_contents_is_no_package() -> None:
    assert list(contents.read_group(group("var/db/pkg/a/b-1", LICENSE=b"MIT"))) == []


@pytest.mark.parametrize("folder", ["var/db/pkg/a/b", "b-1"])
def test_a_folder_without_a_version_is_malformed(folder: str) -> None:
    with pytest.raises(contents.MalformedPortageEntry):
        list(contents.read_group(group(folder, CONTENTS=CONTENTS)))


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything(content: bytes) -> None:
    list(contents.read_group(group("var/db/pkg/a/b-1", CONTENTS=content, LICENSE=content)))

"""What is read from a .NET project and from central versions, and what is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.nuget import project
from rightshift.errors import Malformed
from tests.catalog.foreign import lines


def versions(items: str) -> dict[str, str]:
    content = (
        f"<Project><PropertyGroup><A>1.2.3</A><B>$(A)-x</B></PropertyGroup><ItemGroup>{items}</ItemGroup></Project>"
    )
    return {p.name: p.version for p in project.read(content.encode())}


@pytest.mark.parametrize(
    ("written", "version"),
    [
        ("5.0.12", "5.0.12"),
        ("[5.0.12]", "5.0.12"),
        ("[1.0,2.0)", "1.0"),
        ("(1.0,2.0)", ""),
        ("6.*", ""),
        ("$(A)", "1.2.3"),
        ("$(B)", "1.2.3-x"),
        ("$(Elsewhere)", ""),
    ],
)
def test_the_version_is_the_lowest_that_will_do(written: str, version: str) -> None:
    assert versions(f'<PackageReference Include="P" Version="{written}"/>') == {"P": version}


def test_versions_stand_in_elements_in_central_files_and_for_one_project() -> None:
    assert versions(
        '<PackageReference Include="P"><Version>1.0</Version></PackageReference>'
        '<PackageVersion Include="Q" Version="2.0"/>'
        '<PackageReference Include="R" VersionOverride="3.0"/><GlobalPackageReference Include="S" Version="4.0"/>'
    ) == {"P": "1.0", "Q": "2.0", "R": "3.0", "S": "4.0"}


def test_what_has_no_version_or_name_here_has_it_elsewhere() -> None:
    items = '<PackageReference Include="P"/><PackageReference Include="" Version="1"/><Compile Include="a.cs"/>'
    assert versions(items) == {}


def test_assets_that_go_nowhere_are_for_development() -> None:
    content = (
        b'<Project><ItemGroup><PackageReference Include="P" Version="1" PrivateAssets="All"/></ItemGroup></Project>'
    )
    assert [p.dev for p in project.read(content)] == [True]


def test_properties_that_name_each_other_end() -> None:
    content = b"<Project><PropertyGroup><A>$(B)$(B)</A><B>$(A)$(A)</B></PropertyGroup>"
    content += b'<ItemGroup><PackageReference Include="P" Version="$(A)"/></ItemGroup></Project>'
    assert [p.version for p in project.read(content)] == [""]


@pytest.mark.parametrize(
    "content",
    [b"", b"not\nxml", b"<packages/>", b"<!DOCTYPE x [<!ENTITY x SYSTEM 'http://127.0.0.1/n'>]><Project/>"],
    ids=["empty", "not XML", "another root", "an entity"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        list(project.read(content))


@given(
    st.binary(max_size=100)
    | lines("<Project>", "</Project>", "<PackageReference ", "Include=", "Version=", "'$(A)'", "/>")
)
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        list(project.read(content))

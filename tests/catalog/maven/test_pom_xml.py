"""What projects declare, and where their versions are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.maven import pom, pom_xml
from rightshift.model.inventory import Gap
from rightshift.model.package import Package


def dependency(group: str, artifact: str, version: str = "", more: str = "") -> str:
    written = f"<version>{version}</version>" if version else ""
    return f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>{written}{more}</dependency>"


def needs(dependencies: str) -> str:
    return f"<dependencies>{dependencies}</dependencies>"


def project(name: str, body: str, above: str = "") -> bytes:
    own = f"<groupId>g</groupId><artifactId>{name}</artifactId><version>1</version>"
    return f"<project>{above}{own}{body}</project>".encode()


def parent(name: str, relative: str = "../pom.xml") -> str:
    named = f"<groupId>g</groupId><artifactId>{name}</artifactId><version>1</version>"
    return f"<parent>{named}<relativePath>{relative}</relativePath></parent>"


def read(members: dict[str, bytes]) -> list[Package | Gap]:
    return list(pom_xml.read_group(members))


def rows(members: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(p.name, p.version) for p in read(members) if isinstance(p, Package)]


def test_its_own_properties_and_coordinates_are_filled_in() -> None:
    body = (
        "<properties><v>2.3</v><w>${v}.4</w></properties><dependencies>"
        + dependency("g", "a", "${w}")
        + dependency("${project.groupId}", "b", "${project.version}")
        + dependency("g", "c", "[9.4,9.5)")
        + dependency("g", "d", "${unknown}")
        + dependency("g", "e")
        + "</dependencies>"
    )
    assert rows({"pom.xml": project("app", body)}) == [
        ("g:a", "2.3.4"),
        ("g:b", "1"),
        ("g:c", "9.4"),
        ("g:d", ""),
        ("g:e", ""),
    ]


def test_a_parent_in_the_tree_gives_properties_dependencies_and_managed_versions() -> None:
    above = (
        "<properties><v>5</v></properties><dependencyManagement><dependencies>"
        + dependency("g", "managed", "${v}", "<scope>test</scope>")
        + "</dependencies></dependencyManagement><dependencies>"
        + dependency("g", "everywhere", "7")
        + "</dependencies>"
    )
    below = "<properties><v>6</v></properties><dependencies>" + dependency("g", "managed") + "</dependencies>"
    found = read({"child/pom.xml": project("child", below, parent("top")), "pom.xml": project("top", above)})
    assert [(p.name, p.version, p.dev, p.locations) for p in found if isinstance(p, Package)] == [
        ("g:managed", "6", True, ("child/pom.xml",)),
        ("g:everywhere", "7", False, ("child/pom.xml",)),
        ("g:everywhere", "7", False, ("pom.xml",)),
    ]


def test_an_imported_bill_of_materials_in_the_tree_decides() -> None:
    bill = "<properties><v>8</v></properties><dependencyManagement><dependencies>" + dependency("g", "a", "${v}")
    bill += "</dependencies></dependencyManagement>"
    body = "<dependencyManagement><dependencies>" + dependency(
        "g", "bill", "1", "<scope>import</scope><type>pom</type>"
    )
    body += "</dependencies></dependencyManagement><dependencies>" + dependency("g", "a") + "</dependencies>"
    assert rows({"app/pom.xml": project("app", body), "bill/pom.xml": project("bill", bill)}) == [("g:a", "8")]


def test_profiles_tests_and_optional_ones_are_marked_and_plugins_left_out() -> None:
    ours = dependency("g", "t", "1", "<scope>test</scope>") + dependency("g", "o", "1", "<optional>true</optional>")
    active = "<activation><activeByDefault>true</activeByDefault></activation>" + needs(dependency("g", "active", "1"))
    profiles = f"<profile>{active}</profile><profile>{needs(dependency('g', 'passive', '1'))}</profile>"
    plugin = f"<build><plugins><plugin>{needs(dependency('g', 'plugin', '1'))}</plugin></plugins></build>"
    body = f"{needs(ours)}<profiles>{profiles}</profiles>{plugin}"
    found = [p for p in read({"pom.xml": project("app", body)}) if isinstance(p, Package)]
    assert [(p.name, p.dev, p.optional) for p in found] == [
        ("g:t", True, False),
        ("g:o", False, True),
        ("g:active", False, False),
        ("g:passive", False, True),
    ]


def test_parents_properties_and_imports_in_a_circle_end() -> None:
    own = "<properties><a>${b}</a><b>${a}x</b></properties><dependencyManagement><dependencies>"
    own += dependency("g", "two", "1", "<scope>import</scope>") + "</dependencies></dependencyManagement>"
    own += "<dependencies>" + dependency("g", "d", "${a}") + "</dependencies>"
    members = {
        "a/pom.xml": project("one", own, parent("two", "../b")),
        "b/pom.xml": project("two", own, parent("one", "../a")),
    }
    assert rows(members) == [("g:d", "")] * 2


def test_no_path_leads_out_of_the_tree() -> None:
    assert rows({"pom.xml": project("app", "", parent("x", "../../../../etc/passwd"))}) == []


def test_a_broken_file_costs_that_file() -> None:
    good = project("app", "<dependencies>" + dependency("g", "a", "1") + "</dependencies>")
    found = read({"a/pom.xml": b"<project><${x}/></project>", "b/pom.xml": good})
    assert [type(item) for item in found] == [Gap, Package]


def test_what_lies_in_an_unpacked_archive_tells_of_that_archive() -> None:
    content = project("app", "<dependencies>" + dependency("g", "a", "1") + "</dependencies>")
    assert read({"web/META-INF/maven/g/app/pom.xml": content}) == []


@pytest.mark.parametrize(
    ("version", "low"), [("1.0", "1.0"), ("[1.0,2.0)", "1.0"), ("(,1.0]", ""), ("[1.5]", "1.5"), ("", "")]
)
def test_the_lowest_version_of_a_range(version: str, low: str) -> None:
    assert pom_xml.lowest(version) == low


def test_placeholders_that_grow_end_as_nothing() -> None:
    assert pom.resolved("${a}", {"a": "${b}${b}", "b": "${a}${a}"}) == ""
    assert pom.resolved("${a}", {"a": "x" * 2_000}) == ""


_PIECES = [
    "<project>",
    "</project>",
    "<parent>",
    "</parent>",
    "<dependencies>",
    "</dependencies>",
    dependency("g", "a", "${v}"),
    "<properties><v>1</v></properties>",
    "<",
]


@given(
    st.binary(max_size=200) | st.lists(st.sampled_from(_PIECES), max_size=8).map(lambda parts: "".join(parts).encode())
)
def test_no_bytes_raise(content: bytes) -> None:
    read({"a/pom.xml": content, "pom.xml": content})

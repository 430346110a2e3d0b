"""What is found in jars: described, shaded, guessed and nested."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.maven import archive, coordinates
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile


def properties(group: str, artifact: str, version: str) -> bytes:
    return f"#Generated\ngroupId={group}\nartifactId={artifact}\nversion={version}\n".encode()


def described(group: str, artifact: str, version: str) -> dict[str, bytes]:
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": properties(group, artifact, version)}


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as file:
        for name, member in members.items():
            file.writestr(name, member)
    return content.getvalue()


def read(content: bytes, path: str = "app/a-1.0.jar") -> tuple[list[Package], list[Gap]]:
    found = list(archive.read_file(MemoryFile(path, content)))
    return [item for item in found if isinstance(item, Package)], [item for item in found if isinstance(item, Gap)]


def rows(content: bytes, path: str = "app/a-1.0.jar") -> list[tuple[str, str, str, str]]:
    packages, gaps = read(content, path)
    assert gaps == []
    return [(p.name, p.version, p.evidence, p.locations[0]) for p in packages]


def test_its_own_description_and_those_shaded_into_it() -> None:
    content = zipped({**described("org.x", "a", "1.0"), **described("org.y", "b", "2.0")})
    assert rows(content) == [
        ("org.x:a", "1.0", "pom.properties", "app/a-1.0.jar"),
        ("org.y:b", "2.0", "pom.properties", "app/a-1.0.jar"),
    ]


def test_pom_xml_only_where_there_are_no_properties() -> None:
    pom = b"<project><parent><groupId>org.x</groupId><version>3</version></parent><artifactId>%s</artifactId></project>"
    content = zipped(
        {
            **described("org.x", "a", "1.0"),
            "META-INF/maven/org.x/a/pom.xml": pom % b"wrong",
            "META-INF/maven/org.x/c/pom.xml": pom % b"c",
            "archetype-resources/pom.xml": pom % b"no",
        }
    )
    assert [row[:3] for row in rows(content)] == [("org.x:a", "1.0", "pom.properties"), ("org.x:c", "3", "pom.xml")]


def test_without_a_description_it_is_guessed_and_marked() -> None:
    manifest = {
        "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\nBundle-SymbolicName: org.own.un\r\n known\r\n\r\nName: x\r\n"
    }
    assert rows(zipped(manifest), "lib/unknown-1.0.jar") == [
        ("org.own:unknown", "1.0", "manifest", "lib/unknown-1.0.jar")
    ]
    assert rows(zipped({"x": b""}), "lib/gson-2.2.4.jar") == [
        ("com.google.code.gson:gson", "2.2.4", "file name", "lib/gson-2.2.4.jar")
    ]
    assert rows(zipped({"x": b""}), "lib/unknown-1.0.jar") == [("unknown", "1.0", "file name", "lib/unknown-1.0.jar")]


def test_beside_shaded_descriptions_only_a_guess_with_a_group_counts() -> None:
    shaded = {**described("org.y", "b", "2.0"), **described("org.y", "c", "2.0")}
    assert [row[0] for row in rows(zipped(shaded), "lib/unknown-1.0.jar")] == ["org.y:b", "org.y:c"]
    assert [row[0] for row in rows(zipped(shaded), "lib/gson-1.0.jar")] == [
        "org.y:b",
        "org.y:c",
        "com.google.code.gson:gson",
    ]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("lib/guice-4.2.3.jar", ["cglib:cglib", "com.google.inject:guice"]),
        ("lib/scala-compiler-2.12.18.jar", ["cglib:cglib", "org.scala-lang:scala-compiler"]),
        ("lib/app-1.0.jar", ["cglib:cglib"]),
        ("lib/guice-3.1.jar", ["cglib:cglib"]),
        ("lib/tuned-cglib-4.0.jar", ["cglib:cglib"]),
        ("lib/cglib-nodep-4.0.jar", ["cglib:cglib"]),
    ],
)
def test_a_single_description_may_be_that_of_something_shaded(path: str, names: list[str]) -> None:
    assert [row[0] for row in rows(zipped(described("cglib", "cglib", "3.1")), path)] == names


def test_in_a_local_repository_the_folders_say_what_it_is() -> None:
    place = "root/.m2/repository/org/x/app/1.2/app-1.2.jar"
    assert rows(zipped({"x": b""}), place) == [("org.x:app", "1.2", "file name", place)]
    assert [row[0] for row in rows(zipped(described("org.y", "app", "1.2")), place)] == ["org.y:app", "org.x:app"]
    assert [row[0] for row in rows(zipped(described("org.x", "app", "1.2.0")), place)] == ["org.x:app"]
    war = zipped({"WEB-INF/lib/gson-2.0.jar": zipped({"x": b""}), **described("org.x", "app", "1.2")})
    assert [row[0] for row in rows(war, place)] == ["org.x:app", "com.google.code.gson:gson"]


@pytest.mark.parametrize(
    ("path", "group", "artifact"),
    [
        ("lib/servlet-api-3.1.jar", "javax.servlet", "javax.servlet-api"),
        ("java/maven3-core-3.8.7.jar", "org.apache.maven", "maven-core"),
        ("java/error-prone-annotations-2.18.0.jar", "com.google.errorprone", "error_prone_annotations"),
    ],
)
def test_a_renamed_archive_is_what_its_description_says(path: str, group: str, artifact: str) -> None:
    assert [row[0] for row in rows(zipped(described(group, artifact, "9.9.9")), path)] == [f"{group}:{artifact}"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_in_archives(method: int) -> None:
    jar = zipped(described("org.x", "inner", "1.0"), method)
    war = zipped({"WEB-INF/lib/inner.jar": jar, **described("org.x", "web", "2.0")}, method)
    assert [(name, place) for name, _, _, place in rows(zipped({"web.war": war}, method), "all.ear")] == [
        ("org.x:web", "all.ear!/web.war"),
        ("org.x:inner", "all.ear!/web.war!/WEB-INF/lib/inner.jar"),
    ]


def test_nesting_ends_with_a_gap_and_keeps_what_was_found() -> None:
    content = zipped(described("org.x", "deep", "1.0"))
    for _ in range(archive.DEPTH + 2):
        content = zipped({"n.jar": content, **described("org.x", "level", "1.0")})
    packages, gaps = read(content)
    assert len(packages) == archive.DEPTH + 1
    assert len(gaps) == 1
    assert "deep" in gaps[0].reason


def test_a_manifest_that_is_too_large_is_told() -> None:
    packages, (gap,) = read(zipped({"META-INF/MANIFEST.MF": bytes((4 << 20) + 1)}), "app/guava-33.0.0-jre.jar")
    assert [(p.name, p.version) for p in packages] == [("com.google.guava:guava", "33.0.0-jre")]
    assert gap.path == "app/guava-33.0.0-jre.jar"
    assert "META-INF/MANIFEST.MF" in gap.reason


def test_a_broken_archive_inside_costs_that_archive() -> None:
    packages, gaps = read(zipped({"broken.jar": b"PK", "good.jar": zipped(described("org.x", "good", "1.0"))}))
    assert [p.name for p in packages] == ["a", "org.x:good"]
    assert [gap.path for gap in gaps] == ["app/a-1.0.jar!/broken.jar"]


def test_a_description_that_unpacks_without_end_is_a_gap() -> None:
    content = zipped(
        {"META-INF/maven/b/b/pom.properties": bytes(archive.DESCRIPTION_BYTES + 1), **described("org.x", "a", "1.0")}
    )
    packages, gaps = read(content)
    assert [p.name for p in packages] == ["org.x:a"]
    assert len(gaps) == 1


def test_many_losses_are_counted() -> None:
    _, gaps = read(zipped({f"{number}.jar": b"" for number in range(archive.GAPS + 50)}))
    assert len(gaps) == archive.GAPS + 1
    assert "50 more" in gaps[-1].reason


def test_an_empty_archive_gives_nothing() -> None:
    assert read(zipped({}), "empty.jar") == ([], [])


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"groupId=org.x\r\nartifactId=a\r\nversion=1\r\n", ("org.x", "a", "1")),
        (b"  groupId : org.x\nartifactId= a \nversion=${project.version}\n", ("org.x", "a", "")),
        (b"artifactId=a\nversion=1", None),
        (b"", None),
        (b"groupId=org.x\nartifactId=a\nversion=" + b" " * 500_000 + b"x", ("org.x", "a", "x")),
    ],
)
def test_properties_of_an_archive(content: bytes, found: tuple[str, str, str] | None) -> None:
    assert coordinates.of_properties(content) == found


def test_headers_of_a_manifest_end_with_its_first_section() -> None:
    content = b"A: 1\nLong: ab\n cd\n ef\nnothing\nA: 2\n\nName: x\nLate: 1\n"
    assert coordinates.headers(content) == {"a": "2", "long": "abcdef"}


@given(st.binary(max_size=100), st.integers(0, 300), st.binary(min_size=1, max_size=4))
def test_no_bytes_raise_anything_else(member: bytes, at: int, instead: bytes) -> None:
    inner = zipped({"META-INF/maven/g/a/pom.properties": member, "META-INF/maven/g/b/pom.xml": member})
    good = zipped({"META-INF/MANIFEST.MF": member, "n.jar": inner}, zipfile.ZIP_STORED)
    with suppress(Malformed):
        read(good[:at] + instead + good[at + len(instead) :])

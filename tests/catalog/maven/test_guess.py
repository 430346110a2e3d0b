"""What is said of an archive that carries no description of Maven's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.maven import groups, guess


@pytest.mark.parametrize(
    ("stem", "artifact", "version"),
    [
        ("gson-2.2.4", "gson", "2.2.4"),
        ("guava-30.1.1-jre", "guava", "30.1.1-jre"),
        ("orc-core-1.9.2-shaded-protobuf", "orc-core", "1.9.2"),
        ("log4j-1.2-api-2.20.0", "log4j-1.2-api", "2.20.0"),
        ("spark-core_2.12-3.5.1", "spark-core_2.12", "3.5.1"),
        ("zstd-jni-1.5.5-4", "zstd-jni", "1.5.5-4"),
        ("netty-codec-http2-4.1.96.Final", "netty-codec-http2", "4.1.96.Final"),
        ("json4s-ast_2.12-3.7.0-M11", "json4s-ast_2.12", "3.7.0-M11"),
        ("a-1.0-SNAPSHOT-sources", "a", "1.0-SNAPSHOT"),
        ("gson", "gson", ""),
        ("", "", ""),
        ("-1", "", "1"),
    ],
)
def test_artifact_and_version_of_a_file_name(stem: str, artifact: str, version: str) -> None:
    assert guess.split_stem(stem) == (artifact, version)


def test_the_manifest_decides_where_the_version_begins() -> None:
    assert guess.split_stem("a-2-b-1.0", ("1.0",)) == ("a-2-b", "1.0")


@pytest.mark.parametrize(
    ("file_name", "manifest", "name", "version", "evidence"),
    [
        (
            "gson-2.2.4.jar",
            {"bundle-symbolicname": "com.google.gson"},
            "com.google.code.gson:gson",
            "2.2.4",
            "file name",
        ),
        (
            "activation-1.1.1.jar",
            {"implementation-vendor-id": "com.sun"},
            "javax.activation:activation",
            "1.1.1",
            "file name",
        ),
        (
            "zjson-0.3.0.jar",
            {"bundle-symbolicname": "io.own.zjson;singleton:=true"},
            "io.own:zjson",
            "0.3.0",
            "manifest",
        ),
        (
            "own-codec-4.1.jar",
            {"bundle-symbolicname": "io.own.codec", "implementation-vendor-id": "io.own"},
            "io.own:own-codec",
            "4.1",
            "manifest",
        ),
        (
            "a-1.0.jar",
            {"bundle-symbolicname": "org.other.thing", "implementation-vendor-id": "org.x"},
            "a",
            "1.0",
            "file name",
        ),
        ("a.jar", {"implementation-version": "3.1"}, "a", "3.1", "manifest"),
        (
            "p.hpi",
            {"group-id": "org.ci.plugins", "short-name": "git", "plugin-version": "5.0 (private)"},
            "org.ci.plugins:git",
            "5.0",
            "manifest",
        ),
    ],
)
def test_a_group_is_known_or_proven_or_left_empty(
    file_name: str, manifest: dict[str, str], name: str, version: str, evidence: str
) -> None:
    found = guess.identity(file_name, manifest)
    assert found
    assert (found[0].name, found[0].version, found[1]) == (name, version, evidence)


@pytest.mark.parametrize(
    ("file_name", "manifest"),
    [
        ("a.jar", {}),
        ("6-0.jar", {}),
        ("rt.jar", {"implementation-title": "Java Runtime Environment", "implementation-version": "1.8"}),
        ("a.jar", {"implementation-version": "${v}"}),
    ],
)
def test_without_a_name_or_a_version_nothing_is_said(file_name: str, manifest: dict[str, str]) -> None:
    assert guess.identity(file_name, manifest) is None


@pytest.mark.parametrize(
    ("artifact", "version", "group"),
    [
        ("annotations", "17.0.0", "org.jetbrains"),
        ("annotations", "3.0.1", ""),
        ("asm", "3.1", "asm"),
        ("asm", "9.6", "org.ow2.asm"),
        ("commons-io", "2.4", "commons-io"),
        ("commons-lang3", "3.9", "org.apache.commons"),
        ("jackson-databind", "2.9", "com.fasterxml.jackson.core"),
        ("jackson-core-asl", "1.9.13", "org.codehaus.jackson"),
        ("log4j", "1.2.17", "log4j"),
        ("log4j-core", "2.14.1", "org.apache.logging.log4j"),
        ("log4j-over-slf4j", "2.0", "org.slf4j"),
        ("spring-web", "5.3", "org.springframework"),
        ("spring-boot-starter", "2.7", "org.springframework.boot"),
        ("unheard-of", "1", ""),
    ],
)
def test_groups_that_are_known(artifact: str, version: str, group: str) -> None:
    assert groups.known(artifact, version) == group


@given(
    st.text(max_size=60),
    st.dictionaries(
        st.sampled_from(["bundle-symbolicname", "implementation-version", "group-id"]), st.text(max_size=20)
    ),
)
def test_no_name_and_no_manifest_raise(file_name: str, manifest: dict[str, str]) -> None:
    found = guess.identity(file_name, manifest)
    assert found is None or (found[0].artifact and found[0].version)

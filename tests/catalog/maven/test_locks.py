"""What Gradle and sbt lock, and what an unpacked archive leaves."""

from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.maven import gradle_lockfile, gradle_verification, sbt_lock, unpacked
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from tests.catalog.foreign import damaged

Reader = Callable[[bytes], Iterable[Package | Gap]]


def rows(found: Iterable[Package | Gap]) -> list[tuple[str, str, bool]]:
    return [(p.name, p.version, p.dev) for p in found if isinstance(p, Package)]


def test_gradle_names_the_configurations_that_need_it() -> None:
    content = b"# comment\ng:a:1.0=compileClasspath,testCompileClasspath\ng:b:2.0=testRuntimeClasspath\nempty=x\n"
    assert rows(gradle_lockfile.read(content)) == [("g:a", "1.0", False), ("g:b", "2.0", True)]


def test_a_line_that_is_no_coordinate_is_a_loss_beside_the_others() -> None:
    assert [type(item) for item in gradle_lockfile.read(b"g:a:1.0=x\nnonsense\n")] == [Package, Gap]


def test_gradle_proves_each_component_once() -> None:
    content = b"""<verification-metadata xmlns="https://schema.gradle.org/dependency-verification"><components>
<component group="g" name="a" version="1.0"/><component group="g" name="a" version="1.0"/>
<component name="b" version="2.0"/><component version="3.0"/></components></verification-metadata>"""
    assert rows(gradle_verification.read(content)) == [("g:a", "1.0", False), (":b", "2.0", False)]


SBT = {
    "lockVersion": 1,
    "dependencies": [
        {"org": "g", "name": "a_2.12", "version": "1.0", "configurations": ["compile", "test"]},
        {"org": "g", "name": "b", "version": "2.0", "configurations": ["test"]},
    ],
}


def test_sbt_names_the_configurations_that_need_it() -> None:
    content = b'{"dependencies": [{"org": "g", "name": "a", "version": "1", "configurations": ["test"]}, {"org": "g"}]}'
    found = list(sbt_lock.read(content))
    assert rows(found) == [("g:a", "1", True)]
    assert isinstance(found[1], Gap)


def test_an_unpacked_archive_is_installed() -> None:
    (found,) = unpacked.read(b"groupId=g\nartifactId=a\nversion=1\n")
    assert (found.name, found.version, found.state, found.evidence) == ("g:a", "1", "installed", "pom.properties")


@pytest.mark.parametrize(
    ("reader", "content", "malformed"),
    [
        (gradle_lockfile.read, b"\xff", gradle_lockfile.MalformedGradleLockfile),
        (gradle_verification.read, b"<a>", gradle_verification.MalformedVerification),
        (gradle_verification.read, b'<!DOCTYPE a [<!ENTITY b "c">]><a/>', gradle_verification.MalformedVerification),
        (sbt_lock.read, b"[]", sbt_lock.MalformedSbtLock),
        (sbt_lock.read, b'{"dependencies": {}}', sbt_lock.MalformedSbtLock),
        (sbt_lock.read, b"", sbt_lock.MalformedSbtLock),
        (unpacked.read, b"version=1", unpacked.MalformedPomProperties),
    ],
)
def test_what_they_cannot_read_is_malformed(reader: Reader, content: bytes, malformed: type[Malformed]) -> None:
    with pytest.raises(malformed):
        list(reader(content))


@given(
    st.sampled_from([gradle_lockfile.read, gradle_verification.read, sbt_lock.read, unpacked.read]),
    st.binary(max_size=200) | damaged(SBT) | st.text("<>/=:abc\n\"' ", max_size=60).map(str.encode),
)
def test_no_bytes_raise_anything_else(reader: Reader, content: bytes) -> None:
    with suppress(Malformed):
        list(reader(content))

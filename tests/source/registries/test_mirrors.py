"""Where an image is asked for, as registries.conf says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.source.reference import image_name
from rightshift.source.registries import mirrors
from rightshift.source.registries.mirrors import Endpoint

DIGEST = "sha256:" + "0" * 64
CONF = """
unqualified-search-registries = ["docker.io"]

[[registry]]
prefix = "docker.io"
location = "docker.io"
[[registry.mirror]]
location = "mirror.example:5000/hub"
insecure = true
[[registry.mirror]]
location = "digests.example"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "tags.example"
pull-from-mirror = "tag-only"

[[registry]]
prefix = "docker.io/team"
location = "inner.example/theirs"

[[registry]]
location = "by-digest.example"
mirror-by-digest-only = true
[[registry.mirror]]
location = "mirror.example"

[[registry]]
location = "blocked.example"
blocked = true

[[registry]]
prefix = "*.wild.example"
insecure = true
"""


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "registries.conf"
    path.write_text(CONF)
    return path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ghcr.io/a/b", [Endpoint("ghcr.io", "a/b")]),
        (
            "nginx",
            [
                Endpoint("mirror.example:5000", "hub/library/nginx", True),
                Endpoint("tags.example", "library/nginx"),
                Endpoint("docker.io", "library/nginx"),
            ],
        ),
        (
            f"nginx@{DIGEST}",
            [
                Endpoint("mirror.example:5000", "hub/library/nginx", True),
                Endpoint("digests.example", "library/nginx"),
                Endpoint("docker.io", "library/nginx"),
            ],
        ),
        ("team/app", [Endpoint("inner.example", "theirs/app")]),
        ("teams/app", [Endpoint("mirror.example:5000", "hub/teams/app", True), Endpoint("tags.example", "teams/app"),
                       Endpoint("docker.io", "teams/app")]),
        ("by-digest.example/a", [Endpoint("by-digest.example", "a")]),
        (f"by-digest.example/a@{DIGEST}", [Endpoint("mirror.example", "a"), Endpoint("by-digest.example", "a")]),
        ("x.wild.example/a/b", [Endpoint("x.wild.example", "a/b", True)]),
        ("wild.example/a", [Endpoint("wild.example", "a")]),
    ],
)  # fmt: skip
def test_mirrors_are_asked_before_the_registry(conf: Path, name: str, expected: list[Endpoint]) -> None:
    assert list(mirrors.endpoints(image_name(name), mirrors.read([conf]))) == expected


def test_a_blocked_registry_is_told(conf: Path) -> None:
    with pytest.raises(SourceError, match=r"blocked\.example is blocked"):
        mirrors.endpoints(image_name("blocked.example/a"), mirrors.read([conf]))


def test_a_later_file_replaces_what_an_earlier_one_says_of_a_prefix(conf: Path, tmp_path: Path) -> None:
    later = tmp_path / "later.conf"
    later.write_text('[[registry]]\nprefix = "docker.io"\nlocation = "other.example"\n')
    assert mirrors.endpoints(image_name("nginx"), mirrors.read([conf, later])) == (
        Endpoint("other.example", "library/nginx"),
    )


def test_missing_files_say_nothing(tmp_path: Path) -> None:
    assert mirrors.endpoints(image_name("nginx"), mirrors.read([tmp_path / "none"])) == (
        Endpoint("docker.io", "library/nginx"),
    )


@pytest.mark.parametrize("content", [b"[[registry", b"\xff", b'registry = "x'])
def test_a_broken_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.conf").write_bytes(content)
    with pytest.raises(SourceError, match=r"x\.conf can't be read"):
        mirrors.endpoints(image_name("nginx"), mirrors.read([tmp_path / "x.conf"]))


@pytest.mark.parametrize("content", ["registry = 1", "registry = [1]", '[[registry]]\nlocation = 1\nmirror = "x"'])
def test_fields_of_other_kinds_say_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.conf").write_text(content)
    assert mirrors.endpoints(image_name("nginx"), mirrors.read([tmp_path / "x.conf"])) == (
        Endpoint("docker.io", "library/nginx"),
    )


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("conf") / "x.conf"
    path.write_bytes(content)
    try:
        mirrors.endpoints(image_name("nginx"), mirrors.read([path]))
    except SourceError:
        return


def test_files_of_the_machine_come_before_the_users(tmp_path: Path) -> None:
    (tmp_path / "containers/registries.conf.d").mkdir(parents=True)
    (tmp_path / "containers/registries.conf.d/10.conf").touch()
    found = mirrors.files({"XDG_CONFIG_HOME": str(tmp_path)})
    assert found[0] == Path("/etc/containers/registries.conf")
    assert found[-2:] == (
        tmp_path / "containers/registries.conf",
        tmp_path / "containers/registries.conf.d/10.conf",
    )
    assert mirrors.files({"CONTAINERS_REGISTRIES_CONF": "/x"}) == (Path("/x"),)

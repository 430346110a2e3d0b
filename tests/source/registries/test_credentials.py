"""Where passwords are found, and which of them is meant."""

import base64
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.egress.flows.credential import Credential
from rightshift.errors import SourceError
from rightshift.source.registries import credentials

HUB = "https://index.docker.io/v1/"


def _auth(text: str) -> dict[str, str]:
    return {"auth": base64.b64encode(text.encode()).decode()}


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


@pytest.fixture
def home(tmp_path: Path) -> Mapping[str, str]:
    return {"HOME": str(tmp_path)}


def _docker(home: Mapping[str, str], content: object) -> None:
    _write(Path(home["HOME"], ".docker/config.json"), content)


def _no_helper(name: str, server: str) -> bytes | None:
    raise AssertionError("no helper is to be asked")


def _user(home: Mapping[str, str], host: str = "docker.io", repository: str = "library/nginx") -> str | None:
    found = credentials.lookup(host, repository, home, _no_helper)
    return found.username if found else None


def test_without_any_file_there_is_none(home: Mapping[str, str]) -> None:
    assert _user(home) is None
    assert _user({}) is None


@pytest.mark.parametrize("key", [HUB, "docker.io", "index.docker.io", "https://registry-1.docker.io/v2/"])
def test_docker_hub_has_several_names(home: Mapping[str, str], key: str) -> None:
    _docker(home, {"auths": {key: _auth("ann:x")}})
    assert _user(home) == "ann"


@pytest.mark.parametrize("key", ["r.example:5000", "https://r.example:5000", "http://r.example:5000/v2/"])
def test_a_host_may_be_written_as_an_address(home: Mapping[str, str], key: str) -> None:
    _docker(home, {"auths": {key: _auth("ann:x")}})
    assert _user(home, "r.example:5000", "a/b") == "ann"
    assert _user(home, "r.example", "a/b") is None


def test_the_longest_name_that_fits_is_meant(home: Mapping[str, str]) -> None:
    names = {"r.example": "host", "r.example/a": "folder", "r.example/a/b": "repository", "r.example/a/bc": "other"}
    _docker(home, {"auths": {key: _auth(f"{user}:x") for key, user in names.items()}})
    assert _user(home, "r.example", "a/b") == "repository"
    assert _user(home, "r.example", "a/c") == "folder"
    assert _user(home, "r.example", "b") == "host"


def test_files_are_looked_through_in_order(tmp_path: Path, home: Mapping[str, str]) -> None:
    environment = {
        **home,
        "REGISTRY_AUTH_FILE": str(tmp_path / "first.json"),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "DOCKER_CONFIG": str(tmp_path / "docker"),
    }
    places = list(credentials.files(environment))
    assert [str(place.relative_to(tmp_path)) for place in places] == [
        "first.json",
        "run/containers/auth.json",
        ".config/containers/auth.json",
        "docker/config.json",
    ]
    for number, place in reversed(list(enumerate(places))):
        _write(place, {"auths": {"docker.io": _auth(f"user{number}:x")}})
        assert _user(environment) == f"user{number}"


def test_a_file_without_the_host_leaves_it_to_the_next(tmp_path: Path, home: Mapping[str, str]) -> None:
    _write(tmp_path / ".config/containers/auth.json", {"auths": {"other.example": _auth("bob:x")}})
    _docker(home, {"auths": {"docker.io": _auth("ann:x")}})
    assert _user(home) == "ann"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (_auth("ann:pass:word"), Credential(username="ann", password="pass:word")),
        ({"identitytoken": "id"}, Credential(identity_token="id")),
        ({"username": "ann", "password": "x"}, Credential(username="ann", password="x")),
        (_auth("no colon"), None),
        (_auth(":x"), None),
        ({}, None),
        ({"auth": 1}, None),
        ([], None),
    ],
)
def test_entries_are_read(home: Mapping[str, str], entry: object, expected: Credential | None) -> None:
    _docker(home, {"auths": {"docker.io": entry}})
    assert credentials.lookup("docker.io", "library/nginx", home, _no_helper) == expected


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"auths":{"docker.io":{"auth":"!"}}}'])
def test_a_broken_file_is_told(home: Mapping[str, str], content: bytes) -> None:
    _docker(home, {})
    Path(home["HOME"], ".docker/config.json").write_bytes(content)
    with pytest.raises(SourceError, match=r"config\.json"):
        _user(home)


@given(st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=10))
def test_no_content_raises_anything_else(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    home = {"HOME": str(tmp_path_factory.mktemp("home"))}
    _docker(home, {"auths": content, "credHelpers": content, "credsStore": ""})
    try:
        credentials.lookup("docker.io", "library/nginx", home, lambda *_: None)
    except SourceError:
        return


def test_a_helper_for_the_host_goes_before_the_store_and_that_before_what_is_written(home: Mapping[str, str]) -> None:
    asked: list[tuple[str, str]] = []

    def ask(name: str, server: str) -> bytes | None:
        asked.append((name, server))
        return b'{"Username": "helped", "Secret": "x"}' if name != "empty" else None

    content = {"auths": {"docker.io": _auth("written:x")}, "credHelpers": {"r.example": "one"}, "credsStore": "all"}
    _docker(home, content)
    for host in ("r.example", "docker.io"):
        found = credentials.lookup(host, "a/b", home, ask)
        assert found == Credential(username="helped", password="x")
    _docker(home, {**content, "credsStore": "empty"})
    found = credentials.lookup("docker.io", "a/b", home, ask)
    assert found == Credential(username="written", password="x")
    assert asked == [("one", "r.example"), ("all", HUB), ("empty", HUB)]


def test_a_helper_may_give_an_identity_token(home: Mapping[str, str]) -> None:
    _docker(home, {"credsStore": "x"})
    found = credentials.lookup("a.example", "b", home, lambda *_: b'{"Username": "<token>", "Secret": "id"}')
    assert found == Credential(identity_token="id")


@pytest.mark.parametrize("answer", [b"no json", b"[" * 100_000])
def test_a_helper_that_says_nonsense_is_told(home: Mapping[str, str], answer: bytes) -> None:
    _docker(home, {"credsStore": "x"})
    with pytest.raises(SourceError, match="can't be read"):
        credentials.lookup("a.example", "b", home, lambda *_: answer)


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "-x", ";x"])
def test_a_helper_with_a_path_for_a_name_is_never_run(home: Mapping[str, str], name: str) -> None:
    _docker(home, {"credsStore": name})
    with pytest.raises(SourceError, match="no name of a credential helper"):
        credentials.lookup("a.example", "b", home, _no_helper)


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin/docker-credential-mine"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return program


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_a_helper_is_asked_by_its_standard_input(helper: Path) -> None:
    _program(helper, 'test "$1" = get && read -r server; echo "for $server"')
    assert credentials.run_helper("mine", "r.example\n") == b"for r.example\n"


def test_a_helper_that_knows_nothing_is_no_error(helper: Path) -> None:
    _program(helper, "echo credentials not found in native keychain; exit 1")
    assert credentials.run_helper("mine", "r.example") is None


def test_a_helper_that_fails_or_is_missing_is_told(helper: Path) -> None:
    with pytest.raises(SourceError, match="does not work"):
        credentials.run_helper("mine", "r.example")
    _program(helper, "echo secret; exit 1")
    with pytest.raises(SourceError, match="failed") as told:
        credentials.run_helper("mine", "r.example")
    assert "secret" not in str(told.value)

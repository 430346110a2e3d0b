"""Passwords for registries where docker, podman and their helpers keep them. Use: `egress/flows/registry_token`."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from rightshift.egress.flows.credential import Credential
from rightshift.errors import SourceError
from rightshift.source import below
from rightshift.source.documents import open_regular

FILE_BYTES = 4 << 20
HELPER_BYTES = 1 << 20
HELPER_S = 30.0
_HUB = "https://index.docker.io/v1/"
_HUB_NAMES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")

Ask = Callable[[str, str], bytes | None]
"""The name of a helper and a server: the helper's answer, or None when it knows nothing. Raises SourceError."""


def lookup(host: str, repository: str, environment: Mapping[str, str], ask: Ask | None = None) -> Credential | None:
    """
    The credential for a repository: in the first file that has one, the longest name that fits.

    In a file a helper for the host goes before the store for all, and that before what is written down.

    Source: containers-auth.json(5); docker login, "Credential stores" and "Credential helpers".

    Raises:
        SourceError: a file is not what it should be, or a helper failed.
    """
    for path in files(environment):
        try:
            content = _document(path)
        except FileNotFoundError:
            continue
        found = _in_file(content, path, host, repository, ask or run_helper)
        if found:
            return found
    return None


def files(environment: Mapping[str, str]) -> Iterator[Path]:
    """Where credentials are looked for, in order."""
    home = Path(environment.get("HOME") or "/nonexistent")
    if environment.get("REGISTRY_AUTH_FILE"):
        yield Path(environment["REGISTRY_AUTH_FILE"])
    if environment.get("XDG_RUNTIME_DIR"):
        yield Path(environment["XDG_RUNTIME_DIR"], "containers/auth.json")
    yield Path(environment.get("XDG_CONFIG_HOME") or home / ".config", "containers/auth.json")
    yield Path(environment.get("DOCKER_CONFIG") or home / ".docker", "config.json")


def run_helper(name: str, server: str) -> bytes | None:
    """
    Asks `docker-credential-NAME` for a server.

    Raises:
        SourceError: the helper is not there, fails or hangs.
    """
    import subprocess

    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, "get"], input=server.encode(), capture_output=True, timeout=HELPER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SourceError(f"The credential helper {program} does not work: {type(error).__name__}") from error
    if done.returncode:
        said = (done.stdout + done.stderr)[:HELPER_BYTES].decode("utf-8", "replace").lower()
        if "not found" in said or "no credentials" in said:
            return None
        raise SourceError(f"The credential helper {program} failed", do=f"Try it: echo {server} | {program} get")
    return done.stdout[:HELPER_BYTES]


def _in_file(content: Mapping[str, object], path: Path, host: str, repository: str, ask: Ask) -> Credential | None:
    helpers = _strings(content.get("credHelpers"))
    helper = helpers.get(host) or next((name for key, name in helpers.items() if _bare(key) == host), "")
    store = content.get("credsStore")
    if helper or (isinstance(store, str) and store):
        found = _helped(helper or str(store), host, ask)
        if found:
            return found
    auths = content.get("auths")
    entries = auths if isinstance(auths, dict) else {}
    by_name = {_bare(key): entry for key, entry in entries.items() if isinstance(entry, dict)}
    for name in _names(host, repository):
        if name in by_name and (found := _entry(by_name[name], path)):
            return found
    return None


def _helped(helper: str, host: str, ask: Ask) -> Credential | None:
    if not _HELPER.fullmatch(helper):
        raise SourceError(f"“{helper[:80]}” is no name of a credential helper")
    answer = ask(helper, _HUB if host in _HUB_NAMES else host)
    if not answer:
        return None
    try:
        content = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"The answer of the credential helper {helper} can't be read") from error
    found = _strings(content)
    username, secret = found.get("Username", ""), found.get("Secret", "")
    if username == "<token>":
        return Credential(identity_token=secret)
    return Credential(username=username, password=secret) if username and secret else None


def _entry(entry: Mapping[str, object], path: Path) -> Credential | None:
    texts = _strings(entry)
    if texts.get("identitytoken"):
        return Credential(username=texts.get("username", ""), identity_token=texts["identitytoken"])
    if texts.get("username") and texts.get("password"):
        return Credential(username=texts["username"], password=texts["password"])
    if not texts.get("auth"):
        return None
    try:
        username, colon, password = base64.b64decode(texts["auth"], validate=True).decode().partition(":")
    except ValueError as error:
        raise SourceError(f"A credential in {path} can't be read", do="Sign in again with docker login") from error
    return Credential(username=username, password=password.rstrip("\0")) if colon and username else None


def _names(host: str, repository: str) -> Iterator[str]:
    """`host/a/b`, `host/a`, `host`: the longest name first."""
    bare = "docker.io" if host in _HUB_NAMES else host
    parts = repository.split("/")
    for count in range(len(parts), -1, -1):
        yield "/".join((bare, *parts[:count]))


def _bare(key: str) -> str:
    """A name in a file without scheme and version, Docker Hub under one name."""
    bare = key.removeprefix("https://").removeprefix("http://").rstrip("/")
    for version in ("/v1", "/v2"):
        bare = bare.removesuffix(version)
    first, slash, rest = bare.partition("/")
    return f"docker.io{slash}{rest}" if first in _HUB_NAMES else bare


def _strings(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {str(key): text for key, text in value.items() if isinstance(text, str)}


def _document(path: Path) -> dict[str, object]:
    """Raises FileNotFoundError, and SourceError when the file is there and can't be read."""
    import os

    if not path.exists():
        raise FileNotFoundError(path)
    fd = open_regular(path)
    try:
        content = json.loads(below.read_descriptor(fd, str(path), FILE_BYTES) or b"{}")
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is no JSON", do="Correct it, or sign in again with docker login") from error
    finally:
        os.close(fd)
    if not isinstance(content, dict):
        raise SourceError(f"{path} holds no credentials")
    return content

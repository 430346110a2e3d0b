"""Which consoles this user signed in to, and the tokens that prove it, in a file for this user alone."""

import contextlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from rightshift.errors import RightshiftError, UsageError

FILE = "consoles.json"
LIMIT_BYTES = 1 << 20
MANY = 1_000


class CredentialsError(RightshiftError):
    """The file of tokens can't be read or written, or others can."""


class Credential(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of one console. `token` never leaves the file but to its console."""

    url: str
    token: str
    name: str = ""
    """As whom."""
    token_id: str = ""
    expires: str = ""
    ca_file: str = ""
    """Certificates that were trusted at the sign-in besides the system's."""

    def __repr__(self) -> str:
        return f"Credential(url={self.url!r}, name={self.name!r})"


class Kept(Struct, frozen=True, kw_only=True):
    """All of them; `current` is the address of the one that is asked when none is named."""

    current: str = ""
    consoles: tuple[Credential, ...] = ()

    def of(self, url: str) -> Credential | None:
        """The one for an address."""
        return next((one for one in self.consoles if one.url == url), None)

    def having(self, credential: Credential) -> "Kept":
        """With this one, which is the current one from now on."""
        others = tuple(one for one in self.consoles if one.url != credential.url)
        return replace(self, current=credential.url, consoles=(credential, *others)[:MANY])

    def without(self, url: str) -> "Kept":
        """Without that of an address; if it was the current one there is none."""
        left = tuple(one for one in self.consoles if one.url != url)
        return replace(self, current="" if self.current == url else self.current, consoles=left)


def folder(environ: Mapping[str, str]) -> Path:
    """
    Where this user's configuration lies.

    Raises: UsageError without a home.
    Source: XDG Base Directory Specification, "Environment variables": relative paths are passed over.
    """
    if (named := Path(environ.get("XDG_CONFIG_HOME", ""))).is_absolute():
        return named / "rightshift"
    if (user := Path(environ.get("HOME", ""))).is_absolute():
        return user / ".config" / "rightshift"
    raise UsageError("There is no folder for tokens: HOME is not set", do="Set XDG_CONFIG_HOME to a folder")


def read(environ: Mapping[str, str]) -> Kept:
    """What is kept; nothing where there is no file. Raises: CredentialsError, also when others may read it."""
    path = folder(environ) / FILE
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return Kept()
    except OSError as error:
        raise _unreadable(path, error.strerror or "not readable") from error
    with os.fdopen(number, "rb") as file:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode):
            raise _unreadable(path, "it is no file")
        if about.st_uid != os.geteuid() or about.st_mode & 0o077:
            raise CredentialsError(
                f"{path} could be read by others than you",
                means="It holds what signs you in, and is not used",
                do=f"chmod 600 {path}, or remove it and sign in again",
            )
        content = file.read(LIMIT_BYTES + 1)
    try:
        if len(content) > LIMIT_BYTES:
            raise msgspec.DecodeError("too long")
        return msgspec.json.decode(content, type=Kept)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(path, "it is not what this program wrote") from error


def write(kept: Kept, environ: Mapping[str, str]) -> Path:
    """Keeps these, whole or not at all, readable by this user alone. Raises: CredentialsError."""
    path = folder(environ) / FILE
    put(path, msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
    return path


def put(path: Path, content: bytes) -> None:
    """A file that only this user may read, whole or not at all. Raises: CredentialsError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.unlink(missing_ok=True)
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(number)
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CredentialsError(
            f"{path} can't be written: {error.strerror}", means="You are not signed in", do="Make its folder writable"
        ) from error


def _unreadable(path: Path, why: str) -> CredentialsError:
    return CredentialsError(f"{path} can't be used: {why}", do="Remove it and sign in again: `rightshift login URL`")

"""As whom the server runs: PostgreSQL refuses root. As whom the console runs is up to whoever starts it."""

import os
import pwd
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rightshift.console.postgres.failure import PostgresError

_OWN_NAMES = ("rightshift",)
_NOBODY = "nobody"
_FREE_UIDS = range(60_706, 61_184)
"""Neither given to people nor to services. Source: systemd, "Users, Groups, UIDs and GIDs on systemd Systems"."""


@dataclass(frozen=True, slots=True)
class Account:
    """
    A user id and a group id.

    `maker` makes the data folder, for initdb wants a user with a name; the server itself wants none, so that as root
    it can have an id that no other process has: not even one of `nobody` can look into it.
    """

    uid: int
    gid: int
    maker: tuple[int, int]
    client: str
    """The name of the user who may connect: ours."""


def of_process(folder: Path) -> Account:
    """
    Who runs the server that keeps its data below this folder: we ourselves, or as root somebody without any right.

    Raises: PostgresError where our id, or every unprivileged one, has no name.
    """
    uid = os.geteuid()
    client = _name(uid)
    if uid != 0:
        return Account(uid, os.getegid(), (uid, os.getegid()), client)
    for name in _OWN_NAMES:
        if (own := _named(name)) and own[0]:
            return Account(*own, own, client)
    if not (nobody := _named(_NOBODY)) or not _mapped(nobody[0]):
        raise PostgresError(
            "There is no user 'nobody' that PostgreSQL could run as",
            means="It refuses to run as root",
            do="Run rightshift as an ordinary user, add a user 'rightshift', or set RIGHTSHIFT_DATABASE_URL",
        )
    free = _free(folder)
    return Account(*(free or nobody), nobody, client)


def _free(folder: Path) -> tuple[int, int] | None:
    """An id of its own for each folder, the same at every start; None where a container has no such ids."""
    start = int.from_bytes(sha256(os.fsencode(folder)).digest()[:4]) % len(_FREE_UIDS)
    for uid in (*_FREE_UIDS[start:], *_FREE_UIDS[:start]):
        if _mapped(uid) and not _has_name(uid):
            return uid, uid
    return None


def _mapped(uid: int) -> bool:
    """Whether this user namespace has the id. Source: user_namespaces(7), "User and group ID mappings"."""
    for file in ("/proc/self/uid_map", "/proc/self/gid_map"):
        ranges = [tuple(map(int, line.split())) for line in Path(file).read_text().splitlines()]
        if not any(first <= uid < first + count for first, _, count in ranges):
            return False
    return True


def _named(name: str) -> tuple[int, int] | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry.pw_uid, entry.pw_gid


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        raise PostgresError(
            f"The user id {uid} of this process has no name",
            means="PostgreSQL's own tools refuse to run without one",
            do="Give the id a line in /etc/passwd, or set RIGHTSHIFT_DATABASE_URL to a server of yours",
        ) from None
    if not name or name.startswith("/") or not name.isprintable() or '"' in name:
        raise PostgresError(f"The user name {name!a} can't be written into a rule of PostgreSQL")
    return name

"""What a provider says of a person, read within bounds: subject, name, mail address, and what groups give. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rightshift import escape
from rightshift.console.auth.oidc.id_token import Claims
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.auth.permission import ROLES, Role, role_of
from rightshift.console.store.read.identity_providers import About, Grant

NAME_CHARS = 150
"""Leaves room for what makes a name another than somebody else's."""
GROUPS = 1_000
GROUP_CHARS = 256
_EMAIL = re.compile(r"[^\s\x00-\x1f\x7f@]+@[^\s\x00-\x1f\x7f@]+").fullmatch
_EMAIL_CHARS = 320


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do and see."""

    role: Role
    everything: bool
    teams: frozenset[UUID]


def name(claims: Claims) -> str:
    """
    What somebody is called here: the first of user name, mail address and subject that there is.

    Raises: RefusedError for one with characters that can't be seen, or that is too long.
    """
    found = next((claims[key] for key in ("preferred_username", "email", "sub") if claims.get(key)), None)
    if not isinstance(found, str) or len(found) > NAME_CHARS:
        raise RefusedError("name", why="too long, or no text")
    text = unicodedata.normalize("NFC", found)
    if text != text.strip() or not text or escape.terminal(text) != text:
        raise RefusedError("name", why="characters that can't be seen")
    return text


def email(claims: Claims) -> str:
    """A mail address that the provider verified, else nothing. Nobody is known by it."""
    found = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(found, str) or len(found) > _EMAIL_CHARS:
        return ""
    return found if _EMAIL(found) and escape.terminal(found) == found else ""


def groups(claims: Claims, claim: str) -> frozenset[str]:
    """
    The groups in a claim, which may lie within others: `realm_access.roles`.

    Raises: RefusedError where the provider left them out since they are too many, or sends what are no groups.
    Source: OpenID Connect Core 1.0, section 5.6.2 (claims that are to be had elsewhere).
    """
    elsewhere = claims.get("_claim_names")
    if isinstance(elsewhere, dict) and claim in elsewhere:
        raise RefusedError("groups", why="the provider left them out of the token")
    found = claims.get(claim)
    if found is None:
        found = _within(claims, claim.split("."))
    listed = [found] if isinstance(found, str) else [] if found is None else found
    if not isinstance(listed, list) or len(listed) > GROUPS:
        raise RefusedError("groups", why="too many, or no list")
    if not all(isinstance(one, str) and len(one) <= GROUP_CHARS for one in listed):
        raise RefusedError("groups", why="one that is too long, or no text")
    return frozenset(listed)


def rights(about: About, groups: frozenset[str]) -> Rights:
    """
    The highest role that any group gives, for all that any of them gives to see.

    Raises: RefusedError where none gives a role and nothing else is set for that.
    """
    grants: list[Grant] = [rule for rule in about.rules if rule.group in groups]
    if not any(one.role for one in grants) and about.otherwise is not None:
        grants.append(about.otherwise)
    roles = {role_of(one.role) for one in grants if one.role}
    if not roles:
        raise RefusedError("role", why="no group gives one")
    return Rights(
        role=max(roles, key=ROLES.index),
        everything=any(one.everything for one in grants),
        teams=frozenset(team for one in grants for team in one.teams),
    )


def _within(claims: Claims, path: Sequence[str]) -> object:
    found: object = claims
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    return found

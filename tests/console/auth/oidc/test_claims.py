"""What a provider says of somebody is used within bounds: a name that can be seen, groups that are whole."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.auth.oidc.claims import Rights, email, groups, name, rights
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.store.read.identity_providers import About, Grant, Rule

A, B = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"preferred_username": "ana", "email": "a@b", "sub": "1"}, "ana"),
        ({"preferred_username": "", "email": "a@b.example", "sub": "1"}, "a@b.example"),
        ({"sub": "0b1c"}, "0b1c"),
        ({"preferred_username": "Zoe\u0308 Müller"}, "Zoë Müller"),
        ({"preferred_username": "x" * 150}, "x" * 150),
    ],
)
def test_a_name(claims: dict[str, Any], expected: str) -> None:
    assert name(claims) == expected


@pytest.mark.parametrize(
    "said",
    [" ana", "ana\n", "a\tb", "a\x1b[31m", "a\u202eb", "a\u200bb", "\u3164", "a\0", "a\ud800", "x" * 151, 7, ["a"]],
)  # fmt: skip
def test_what_is_no_name(said: object) -> None:
    with pytest.raises(RefusedError) as refused:
        name({"preferred_username": said, "sub": "1"})
    assert (refused.value.reason, refused.value.status) == ("name", 400)


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"email": "a@b.example", "email_verified": True}, "a@b.example"),
        ({"email": "a@b.example", "email_verified": False}, ""),
        ({"email": "a@b.example", "email_verified": "true"}, ""),
        ({"email": "a@b.example"}, ""),
        ({"email": "a@b\n", "email_verified": True}, ""),
        ({"email": "a@\u202eb", "email_verified": True}, ""),
        ({"email": "x" * 320 + "@b", "email_verified": True}, ""),
        ({"email": ["a@b"], "email_verified": True}, ""),
        ({}, ""),
    ],
)
def test_a_mail_address_is_one_that_was_verified(claims: dict[str, Any], expected: str) -> None:
    assert email(claims) == expected


@pytest.mark.parametrize(
    ("claim", "claims", "expected"),
    [
        ("groups", {"groups": ["a", "b", "a"]}, {"a", "b"}),
        ("groups", {"groups": "a"}, {"a"}),
        ("groups", {"groups": []}, set()),
        ("groups", {}, set()),
        ("realm_access.roles", {"realm_access": {"roles": ["a"]}}, {"a"}),
        ("realm_access.roles", {"realm_access": ["roles"]}, set()),
        ("https://corp.example/groups", {"https://corp.example/groups": ["a"]}, {"a"}),
        ("groups", {"groups": ["x" * 256] * 1_000}, {"x" * 256}),
    ],
)
def test_groups(claim: str, claims: dict[str, Any], expected: set[str]) -> None:
    assert groups(claims, claim) == expected


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": ["a"] * 1_001},
        {"groups": ["x" * 257]},
        {"groups": [1]},
        {"groups": {"a": 1}},
        {"groups": 5},
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example"}}},
    ],
)
def test_groups_that_are_not_whole_are_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        groups(claims, "groups")
    assert (refused.value.reason, refused.value.status) == ("groups", 400)


def about(*rules: Rule, otherwise: Grant | None = None) -> About:
    return About(
        label="",
        issuer="",
        client_id="",
        scopes=(),
        groups_claim="",
        rules=rules,
        otherwise=otherwise,
        trust_mfa=False,
        local=False,
        console="",
        enabled=True,
    )


RULES = (
    Rule(group="admins", role="admin", everything=True),
    Rule(group="ops", role="operator", teams=(A,)),
    Rule(group="readers", role="viewer", teams=(B,)),
    Rule(group="team b", teams=(B,)),
)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"admins"}, Rights("admin", True, frozenset())),
        ({"ops", "readers"}, Rights("operator", False, frozenset({A, B}))),
        ({"readers"}, Rights("viewer", False, frozenset({B}))),
        ({"ops", "team b", "others"}, Rights("operator", False, frozenset({A, B}))),
        ({"admins", "readers"}, Rights("admin", True, frozenset({B}))),
    ],
)
def test_the_highest_role_counts_for_all_that_any_group_shows(held: set[str], expected: Rights) -> None:
    assert rights(about(*RULES), frozenset(held)) == expected


@pytest.mark.parametrize("held", [set(), {"others"}, {"team b"}, {"ADMINS"}, {"admins "}])
def test_who_gets_no_role_stays_out(held: set[str]) -> None:
    with pytest.raises(RefusedError) as refused:
        rights(about(*RULES), frozenset(held))
    assert (refused.value.reason, refused.value.status) == ("role", 401)


def test_for_whom_no_group_gives_a_role_there_may_be_another() -> None:
    settings = about(*RULES, otherwise=Grant(role="viewer", teams=(A,)))
    assert rights(settings, frozenset()) == Rights("viewer", False, frozenset({A}))
    assert rights(settings, frozenset({"team b"})) == Rights("viewer", False, frozenset({A, B}))
    assert rights(settings, frozenset({"readers"})) == Rights("viewer", False, frozenset({B}))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
)
NAMES = st.sampled_from(["sub", "preferred_username", "email", "email_verified", "groups", "_claim_names", "a"])


@given(st.dictionaries(NAMES, JSON), st.sampled_from(["groups", "a.b", "a.", ".", ""]))
def test_no_claims_raise_anything_else(claims: dict[str, Any], claim: str) -> None:
    assert len(email(claims)) <= 320
    with suppress(RefusedError):
        assert 0 < len(name(claims)) <= 150
    with suppress(RefusedError):
        assert all(isinstance(one, str) for one in groups(claims, claim))

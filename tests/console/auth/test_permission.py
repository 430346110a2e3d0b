"""Every route says what it gives, and roles only add."""

from typing import Any

import pytest
from litestar import Litestar, get
from litestar.exceptions import ImproperlyConfiguredException

from rightshift.console.auth.permission import (
    NEVER_OF_TOKENS,
    OF_ROLE,
    ROLES,
    Permission,
    Public,
    Requires,
    refuse_unguarded,
    role_of,
)


def application(*guards: Any) -> Litestar:
    @get("/open", guards=list(guards), sync_to_thread=False)
    def route() -> None: ...

    return Litestar([route], openapi_config=None, logging_config=None)


@pytest.mark.parametrize(
    "guards", [(), (lambda *_: None,), (Requires(Permission.ASSETS_READ), Public("x")), (Public("x"), Public("y"))]
)
def test_a_route_must_name_exactly_one(guards: tuple[Any, ...]) -> None:
    with pytest.raises(ImproperlyConfiguredException, match="/open"):
        refuse_unguarded(application(*guards))


@pytest.mark.parametrize("guard", [Requires(Permission.ASSETS_READ), Public("it is asked by nobody in particular")])
def test_one_is_enough(guard: Any) -> None:
    refuse_unguarded(application(guard))
    assert application(guard).routes


def test_a_higher_role_may_all_that_a_lower_may() -> None:
    viewer, operator, admin = (OF_ROLE[role] for role in ROLES)
    assert viewer < operator < admin
    assert not {Permission.FACTS_WRITE, Permission.ENROL} & admin
    assert not {one for one in viewer if one.endswith(":write")}


def test_what_changes_rights_is_for_people_alone() -> None:
    assert {Permission.TOKENS_OWN, Permission.USERS_WRITE, Permission.SETTINGS_WRITE} <= NEVER_OF_TOKENS


def test_roles_have_names() -> None:
    assert [role_of(role) for role in ROLES] == list(ROLES)
    with pytest.raises(ValueError, match="root"):
        role_of("root")

"""A sign-in through a provider that ends without a session: what the browser is told, and what the audit log."""

from collections.abc import Mapping
from typing import Literal

from rightshift.errors import RightshiftError

Reason = Literal[
    "state", "provider", "code", "id-token", "issuer", "claims", "name", "groups", "role", "disabled", "denied"
]
_SAID: dict[Reason, tuple[int, str]] = {
    "state": (401, "This sign-in was not begun in this browser, was used already, or took too long; begin again"),
    "provider": (400, "The provider does not answer as it should; try again later, or ask an administrator"),
    "code": (401, "The provider did not confirm the sign-in; begin again"),
    "id-token": (401, "What the provider says of you can't be trusted; ask an administrator"),
    "issuer": (401, "The answer is not from the provider that was asked"),
    "claims": (400, "What the provider says of you can't be used; ask an administrator"),
    "name": (400, "The provider gave you a name that can't be used here; ask an administrator"),
    "groups": (400, "The provider did not say all groups that you are in; ask an administrator"),
    "role": (401, "None of your groups gives you a role here; ask an administrator"),
    "disabled": (401, "You may not sign in here; ask an administrator"),
    "denied": (401, "The provider refused the sign-in"),
}


class RefusedError(RightshiftError):
    """
    `told` is for the audit log alone: what exactly was wrong, as far as it is known whose sign-in it was.

    One that is `known` stands there already.
    """

    known = False

    def __init__(self, reason: Reason, **told: str) -> None:
        self.status, said = _SAID[reason]
        super().__init__(said)
        self.reason = reason
        self.told: Mapping[str, str] = told

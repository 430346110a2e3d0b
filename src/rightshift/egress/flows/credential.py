"""What proves who asks. Where people keep it: `source/registries/credentials`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """
    A name with a password, or an identity token that is exchanged for one; either is empty.

    Nothing secret stands in its repr.
    """

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

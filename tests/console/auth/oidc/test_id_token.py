"""An ID token is believed when a key of the provider signed it, for us, now, in this sign-in."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.auth.oidc.discovery import PublicKey
from rightshift.console.auth.oidc.id_token import Claims, Expected, parse, verified
from rightshift.console.auth.oidc.refused import RefusedError
from tests.console.auth.provider import CLIENT, Code, StandIn
from tests.console.auth.wrong import RIGHT, TOKENS

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
NONCE = "n" * 43


@pytest.fixture
def provider() -> StandIn:
    made = StandIn("https://op.example", Path(), lambda: NOW, {}, [])
    made.right()
    return made


def believed(provider: StandIn) -> Claims:
    token = parse(provider.token(Code({"nonce": NONCE}, {"sub": "subject-1"})))
    keys = msgspec.convert(provider.jwks, list[PublicKey])
    return verified(token, keys, Expected(issuer=provider.issuer, client_id=CLIENT, nonce=NONCE), NOW)


@pytest.mark.check("A14")
@pytest.mark.parametrize("name", TOKENS)
def test_what_is_wrong_is_not_believed(provider: StandIn, name: str) -> None:
    wrong, why = TOKENS[name]
    wrong(provider)
    with pytest.raises(RefusedError) as refused:
        believed(provider)
    assert refused.value.told == {"why": why}
    assert refused.value.status in (400, 401)


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_is_believed(provider: StandIn, name: str) -> None:
    RIGHT[name](provider)
    assert believed(provider)["sub"] == "subject-1"


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{0,90}\.[A-Za-z0-9_-]{0,90}\.[A-Za-z0-9_-]{0,90}", fullmatch=True))
def test_no_text_raises_anything_else(text: str) -> None:
    with pytest.raises(RefusedError):
        parse(text)

"""A registry's challenge, and the token that answers it."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.egress.flows.credential import Credential
from rightshift.egress.flows.registry_token import Challenge, Realms, Token, authorize, challenges
from rightshift.egress.message import Answer, Request
from rightshift.errors import EgressError

REALMS = Realms(registry="https://registry.example")
SCOPE = "repository:team/app:pull"
PERSON = Credential(username="ann", password="s3cret")


def bearer(realm: str, **more: str) -> list[Challenge]:
    return [Challenge("bearer", {"realm": realm, "service": "registry.example", **more})]


def run(
    offered: list[Challenge],
    answer: Answer | None = None,
    credential: Credential | None = None,
    realms: Realms = REALMS,
) -> tuple[Request | None, Token | None]:
    flow = authorize(offered, SCOPE, credential, realms)
    request = None
    try:
        request = next(flow)
        flow.send(answer or _gives({"token": "abc"}))
    except StopIteration as end:
        return request, end.value
    raise AssertionError("one request is enough")


def _gives(content: object, status: int = 200) -> Answer:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Answer(status=status, url="https://registry.example/token", body=body)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        (["Basic"], [("basic", {})]),
        (['Basic realm="a b"'], [("basic", {"realm": "a b"})]),
        (
            ['Bearer realm="https://a/t",service="s",scope="repository:x:pull,push"'],
            [("bearer", {"realm": "https://a/t", "service": "s", "scope": "repository:x:pull,push"})],
        ),
        (['Bearer realm="x", Basic realm=y'], [("bearer", {"realm": "x"}), ("basic", {"realm": "y"})]),
        (['BEARER Realm = "x" , Service=y'], [("bearer", {"realm": "x", "service": "y"})]),
        (['Bearer realm="a\\"b\\\\c"'], [("bearer", {"realm": 'a"b\\c'})]),
        (["Basic realm=a", 'Bearer realm="b"'], [("basic", {"realm": "a"}), ("bearer", {"realm": "b"})]),
        (['Bearer realm="a",realm="b"'], [("bearer", {"realm": "a"})]),
        (['Bearer realm="open'], [("bearer", {})]),
        (["Negotiate, Basic realm=x"], [("negotiate", {}), ("basic", {"realm": "x"})]),
        ([",,"], []),
        (["=x"], []),
    ],
)
def test_challenges_are_read(values: list[str], expected: list[tuple[str, dict[str, str]]]) -> None:
    assert [(found.scheme, dict(found.parameters)) for found in challenges(values)] == expected


@given(st.lists(st.text(alphabet=st.sampled_from('Ba =,"\\\tx:'), max_size=60), max_size=4))
def test_no_challenge_raises_anything(values: list[str]) -> None:
    challenges(values)


def test_a_long_challenge_is_read_in_no_time() -> None:
    assert len(challenges(['x="' * 100_000, "a," * 100_000])) <= 16


def test_without_a_credential_a_token_is_asked_for_anonymously() -> None:
    request, token = run(bearer("https://registry.example/token?x=1"))
    assert request is not None
    assert parse_qs(urlsplit(request.url).query) == {"x": ["1"], "service": ["registry.example"], "scope": [SCOPE]}
    assert "Authorization" not in request.headers
    assert token == Token("Bearer abc", 60.0)


def test_a_password_goes_to_the_registrys_own_realm() -> None:
    request, _ = run(bearer("https://registry.example/token"), credential=PERSON)
    assert request is not None
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")) == b"ann:s3cret"
    assert parse_qs(urlsplit(request.url).query)["account"] == ["ann"]


def test_an_identity_token_is_exchanged_by_a_form() -> None:
    request, _ = run(bearer("https://registry.example/token"), credential=Credential(identity_token="id"))
    assert request is not None
    assert request.method == "POST"
    form = parse_qs(request.body.decode())
    assert (form["grant_type"], form["refresh_token"], form["scope"]) == (["refresh_token"], ["id"], [SCOPE])
    assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://registry-1.docker.io", "https://auth.docker.io/token"),
        ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"),
        ("https://registry.example", "https://registry.example:8443/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/token"),
    ],
)
def test_realms_that_belong_to_the_registry_get_the_password(registry: str, realm: str) -> None:
    request, _ = run(bearer(realm), credential=PERSON, realms=Realms(registry=registry))
    assert request is not None
    assert "Authorization" in request.headers


@pytest.mark.parametrize(
    ("registry", "realm"),
    [
        ("https://registry.example", "https://evil.example/token"),
        ("https://registry.example", "https://registry.example.evil/token"),
        ("https://registry.example", "http://registry.example/token"),
        ("https://registry-1.docker.io", "https://auth.docker.io.evil/"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:18999/token"),
        ("http://127.0.0.1:5000", "http://evil.example/token"),
    ],
)
def test_other_realms_get_no_password_and_no_call(registry: str, realm: str) -> None:
    with pytest.raises(EgressError, match="was not called") as told:
        run(bearer(realm), credential=PERSON, realms=Realms(registry=registry))
    assert "allow the realm" in told.value.do
    assert "s3cret" not in str(told.value)


def test_a_strangers_realm_may_be_asked_anonymously_but_only_by_tls() -> None:
    request, _ = run(bearer("https://gitlab.example/jwt/auth"))
    assert request is not None
    with pytest.raises(EgressError, match="no TLS"):
        run(bearer("http://127.0.0.1:18999/"), realms=Realms(registry="http://127.0.0.1:5000"))


@pytest.mark.parametrize("allowed", ["auth.example", "auth.example:5001"])
def test_a_realm_that_was_allowed_gets_the_password(allowed: str) -> None:
    realms = Realms(registry="https://registry.example", allowed=frozenset({allowed}))
    request, _ = run(bearer("http://auth.example:5001/token"), credential=PERSON, realms=realms)
    assert request is not None
    assert "Authorization" in request.headers


@pytest.mark.parametrize("realm", ["", "ftp://x/", "https://u:p@registry.example/", "https://registry.example/\nX: y"])
def test_a_realm_that_is_no_address_is_told(realm: str) -> None:
    with pytest.raises(EgressError):
        run(bearer(realm), credential=PERSON)


def test_basic_is_answered_without_a_request() -> None:
    request, token = run([Challenge("basic", {"realm": "x"})], credential=PERSON)
    assert request is None
    assert token is not None
    assert token.authorization == "Basic " + base64.b64encode(b"ann:s3cret").decode()


@pytest.mark.parametrize("offered", [[], [Challenge("negotiate")], [Challenge("basic")]])
def test_what_can_not_be_answered_gives_no_token(offered: list[Challenge]) -> None:
    assert run(offered) == (None, None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"token": "a"}, Token("Bearer a", 60)),
        ({"access_token": "a", "expires_in": 300}, Token("Bearer a", 300)),
        ({"token": "a", "access_token": "b"}, Token("Bearer a", 60)),
        ({"token": "a", "expires_in": -5}, Token("Bearer a", 60)),
        ({"token": "a", "expires_in": "300"}, Token("Bearer a", 60)),
        ({"token": "a", "expires_in": None}, Token("Bearer a", 60)),
    ],
)
def test_tokens_are_read(content: object, expected: Token) -> None:
    assert run(bearer("https://registry.example/token"), _gives(content))[1] == expected


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'"x"', b"<html>", b"[" * 100_000, {"token": ""}, {"token": 1}, {"token": "a\r\nX: y"},
     {"token": "a b"}, {"token": "ä"}],
)  # fmt: skip
def test_answers_without_a_token_are_told(content: object) -> None:
    with pytest.raises(EgressError, match="gives no token"):
        run(bearer("https://registry.example/token"), _gives(content))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_a_refusal_is_told_with_what_to_do(status: int) -> None:
    with pytest.raises(EgressError, match=f"answered {status}"):
        run(bearer("https://registry.example/token"), _gives({}, status), PERSON)


@given(st.binary())
def test_no_answer_raises_anything_else(content: bytes) -> None:
    try:
        run(bearer("https://registry.example/token"), _gives(content))
    except EgressError:
        return


def test_secrets_do_not_stand_in_a_repr() -> None:
    shown = repr([PERSON, Credential(identity_token="s3cret"), Token("Bearer s3cret", 1)])
    assert "s3cret" not in shown

"""What a provider may do wrong at a sign-in, each with what the audit log says of it; and what it may do otherwise."""

import json
from collections.abc import Callable
from typing import Any

from tests.console.auth.provider import CLIENT, SECRET, StandIn, as_json, key, published, signed
from tests.egress.peers import reply

Change = Callable[[StandIn], None]
Wrongs = dict[str, tuple[Change, str]]


def without(*names: str) -> dict[str, object]:
    return dict.fromkeys(names)


def by_secret(provider: StandIn, shared: bytes) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    """HS256 with what is no secret: the key that everybody can read."""
    return lambda head, claims: signed({**head, "alg": "HS256"}, claims, key("RS256", 0), shared)


def wrong_claims(**claims: object) -> Change:
    return lambda provider: provider.claims.update(claims)


def wrong_header(**header: object) -> Change:
    return lambda provider: provider.header.update(header)


def at(**seconds: int) -> Change:
    """Claims so many seconds from now."""
    return lambda provider: provider.claims.update(
        {name: int(provider.now().timestamp()) + off for name, off in seconds.items()}
    )


def no_algorithm(provider: StandIn) -> None:
    provider.make_token = lambda head, claims: signed({**head, "alg": "none"}, claims, key("RS256", 0))


def none_with_a_signature(provider: StandIn) -> None:
    provider.make_token = lambda head, claims: signed({**head, "alg": "none"}, claims, key("RS256", 0), by="RS256")


def signed_as(said: str, by: str) -> Change:
    def change(provider: StandIn) -> None:
        provider.make_token = lambda head, claims: signed({**head, "alg": said}, claims, key("RS256", 0), by=by)

    return change


def public_key_as_secret(provider: StandIn) -> None:
    provider.make_token = by_secret(provider, json.dumps(provider.jwks[0]).encode())


def client_secret_as_secret(provider: StandIn) -> None:
    provider.make_token = by_secret(provider, SECRET.encode())


def strangers_key(provider: StandIn) -> None:
    provider.signs_with = key("RS256", 7)


def own_key_in_header(provider: StandIn) -> None:
    provider.signs_with = key("RS256", 7)
    provider.header["jwk"] = published(key("RS256", 7), "one")
    provider.header["jku"] = f"{provider.issuer}/strange"


def broken_signature(provider: StandIn) -> None:
    provider.make_token = lambda head, claims: signed(head, claims, key("RS256", 0))[:-8] + "AAAAAAAA"


def changed_claims(provider: StandIn) -> None:
    def make(head: dict[str, Any], claims: dict[str, Any]) -> str:
        one, other = signed(head, claims, key("RS256", 0)), signed(head, claims | {"sub": "x"}, key("RS256", 0))
        return ".".join([one.split(".")[0], other.split(".")[1], one.split(".")[2]])

    provider.make_token = make


def no_token(provider: StandIn) -> None:
    provider.make_token = lambda _head, _claims: "x.y"


def no_json(provider: StandIn) -> None:
    provider.make_token = lambda head, _claims: signed(head, [1], key("RS256", 0))


def huge_token(provider: StandIn) -> None:
    provider.claims["x"] = "x" * 70_000


def access_token_of_another_type(provider: StandIn) -> None:
    provider.answers["/token"] = lambda _: as_json({"id_token": "x", "token_type": "mac", "access_token": "x"})


def no_access_token_answer(provider: StandIn) -> None:
    provider.answers["/token"] = lambda _: as_json(["x"])


def moved_token_answer(provider: StandIn) -> None:
    provider.answers["/token"] = lambda _: reply(307, Location=f"{provider.issuer}/elsewhere")


def token_answer_of_a_mistake(provider: StandIn) -> None:
    provider.answers["/token"] = lambda _: reply(500)


def short_key(provider: StandIn) -> None:
    provider.jwks[0] |= {"n": "AQAB" * 10}


def key_for_enciphering(provider: StandIn) -> None:
    provider.jwks[0] |= {"use": "enc"}


def key_of_another_algorithm(provider: StandIn) -> None:
    provider.jwks[0] |= {"alg": "RS512"}


def two_keys_and_no_id(provider: StandIn) -> None:
    provider.jwks.append(published(key("RS256", 1), "two"))
    provider.header["kid"] = None


def no_keys(provider: StandIn) -> None:
    provider.jwks = []


TOKENS: Wrongs = {
    "alg none": (no_algorithm, "no signed token"),
    "alg none with a signature": (none_with_a_signature, "algorithm"),
    "HS256 with the public key": (public_key_as_secret, "algorithm"),
    "HS256 with the client secret": (client_secret_as_secret, "algorithm"),
    "RS512": (wrong_header(alg="RS512"), "algorithm"),
    "alg in another case": (wrong_header(alg="rs256"), "algorithm"),
    "a key of somebody else": (strangers_key, "signature"),
    "a key that it brings itself": (own_key_in_header, "signature"),
    "a broken signature": (broken_signature, "signature"),
    "changed claims": (changed_claims, "signature"),
    "another kid": (wrong_header(kid="nobody's"), "no key of that id"),
    "ES256 by an RSA key": (wrong_header(alg="ES256"), "no key of that id"),
    "PS256 signed as RS256": (signed_as("PS256", "RS256"), "signature"),
    "RS256 signed as PS256": (signed_as("RS256", "PS256"), "signature"),
    "a critical extension": (wrong_header(crit=["b64"], b64=False), "a token of another type"),
    "a logout token": (wrong_header(typ="logout+jwt"), "a token of another type"),
    "a short key": (short_key, "key"),
    "a key for enciphering": (key_for_enciphering, "no key of that id"),
    "a key of another algorithm": (key_of_another_algorithm, "no key of that id"),
    "two keys and no kid": (two_keys_and_no_id, "several keys of that id"),
    "no keys": (no_keys, "no key of that id"),
    "no token": (no_token, "no signed token"),
    "no claims": (no_json, "no claims"),
    "a huge token": (huge_token, "no signed token"),
    "issuer of another": (wrong_claims(iss="https://other.example"), "iss"),
    "issuer with a slash more": (lambda one: one.claims.update(iss=one.issuer + "/"), "iss"),
    "no issuer": (wrong_claims(**without("iss")), "iss"),
    "audience of another": (wrong_claims(aud="another client"), "aud"),
    "audiences of others": (wrong_claims(aud=["a", "b"]), "aud"),
    "no audience": (wrong_claims(**without("aud")), "aud"),
    "audience that is no text": (wrong_claims(aud={CLIENT: 1}), "aud"),
    "several audiences without azp": (wrong_claims(aud=[CLIENT, "other"]), "azp"),
    "azp of another": (wrong_claims(aud=[CLIENT, "other"], azp="other"), "azp"),
    "azp of another alone": (wrong_claims(azp="other"), "azp"),
    "ended": (at(exp=-61), "exp"),
    "no end": (wrong_claims(**without("exp")), "exp"),
    "an end that is no number": (wrong_claims(exp="tomorrow"), "exp"),
    "issued later": (at(iat=61), "iat"),
    "issued long ago": (at(iat=-3_600), "iat"),
    "no issue time": (wrong_claims(**without("iat")), "iat"),
    "holds later": (at(nbf=61), "nbf"),
    "another nonce": (wrong_claims(nonce="x" * 43), "nonce"),
    "no nonce": (wrong_claims(**without("nonce")), "nonce"),
    "no subject": (wrong_claims(**without("sub")), "sub"),
    "an empty subject": (wrong_claims(sub=""), "sub"),
    "a long subject": (wrong_claims(sub="x" * 256), "sub"),
    "a subject with NUL": (wrong_claims(sub="a\0b"), "sub"),
}
"""In a token."""

ANSWERS: Wrongs = {
    "a token of another type": (access_token_of_another_type, "a token of another type"),
    "no answer that can be read": (no_access_token_answer, "a document that can't be read"),
    "a redirect of the code": (moved_token_answer, ""),
    "a mistake of the provider": (token_answer_of_a_mistake, "status 500"),
}
"""In what it answers to a code."""

RIGHT: dict[str, Change] = {
    "RS256": lambda _: None,
    "PS256": lambda one: one.use("PS256"),
    "ES256": lambda one: one.use("ES256"),
    "EdDSA": lambda one: one.use("EdDSA"),
    "no kid and one key": wrong_header(kid=None),
    "no type": wrong_header(typ=None),
    "several audiences with azp": wrong_claims(aud=["other", CLIENT], azp=CLIENT),
    "a clock that is late": at(exp=-59, iat=-350),
    "a clock that is early": at(iat=59, nbf=59),
    "a key of a new kind beside": lambda one: one.jwks.insert(0, {"kty": "AKP", "kid": "new", "pub": "x"}),
    "the secret in the form": lambda one: one.document.update(
        token_endpoint_auth_methods_supported=["client_secret_post"]
    ),
    "both ways for the secret": lambda one: one.document.update(
        token_endpoint_auth_methods_supported=["client_secret_post", "client_secret_basic"]
    ),
}

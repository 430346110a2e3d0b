"""What a provider publishes is fetched within bounds, from itself alone, and kept for a while."""

import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from rightshift.console.auth.oidc.discovery import Discovered
from rightshift.console.auth.oidc.reach import ANSWER_BYTES, Reach
from rightshift.console.auth.oidc.refused import RefusedError
from rightshift.console.store.read.identity_providers import About, Provider
from tests.console.auth.provider import WELL_KNOWN, StandIn, as_json, stand_in
from tests.egress.peers import reply

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[StandIn]:
    with stand_in(tmp_path, lambda: NOW) as made:
        yield made


def known(issuer: str, *, local: bool = True) -> Provider:
    about = About(
        label="",
        issuer=issuer,
        client_id="",
        scopes=(),
        groups_claim="",
        rules=(),
        otherwise=None,
        trust_mfa=False,
        local=local,
        console="",
        enabled=True,
    )
    return Provider(name="corp", about=about, sealed=b"", version=1, created=NOW, created_by="")


def discovered(there: StandIn, whole_s: float = 10) -> Discovered:
    return Discovered(Reach(there.certificates, whole_s))


def asked(there: StandIn, path: str = WELL_KNOWN) -> int:
    return sum(one.path == path for one in there.asked)


async def refused(there: StandIn, made: Discovered | None = None, provider: Provider | None = None) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        await (made or discovered(there)).metadata(provider or known(there.issuer), NOW)
    assert error.value.status == 400 or error.value.reason == "issuer"
    return error.value


async def test_a_document_is_asked_for_once_an_hour_and_after_changes(there: StandIn) -> None:
    made, provider = discovered(there), known(there.issuer)
    for minutes in (0, 1, 59):
        found = await made.metadata(provider, NOW + timedelta(minutes=minutes))
        assert found.token_endpoint == f"{there.issuer}/token"
    assert asked(there) == 1
    for other in (provider, replace(provider, version=2), replace(provider, created=NOW + timedelta(1))):
        await made.metadata(other, NOW + timedelta(hours=1))
    assert asked(there) == 4


@pytest.mark.parametrize("path", ["/realms/staff", "/realms/staff/"])
async def test_an_issuer_may_have_a_path(tmp_path: Path, path: str) -> None:
    with stand_in(tmp_path, lambda: NOW, path) as there:
        found = await discovered(there).metadata(known(there.issuer), NOW)
    assert found.issuer.endswith(path)


@pytest.mark.check("A14")
@pytest.mark.parametrize("change", ["/", "/x", "@", "#", " "])
async def test_the_issuer_in_it_is_exactly_the_one_that_was_set(there: StandIn, change: str) -> None:
    there.document["issuer"] = there.issuer + change
    assert (await refused(there)).reason == "issuer"


async def test_it_follows_no_redirect(there: StandIn) -> None:
    there.answers[WELL_KNOWN] = lambda _: reply(302, Location=f"{there.issuer}/elsewhere")
    there.answers["/elsewhere"] = lambda _: as_json(there.document)
    assert "redirects" in (await refused(there)).told["why"]
    assert asked(there, "/elsewhere") == 0


async def test_a_huge_document_is_not_read_to_its_end(there: StandIn) -> None:
    there.answers[WELL_KNOWN] = lambda _: reply(200, b" " * (ANSWER_BYTES + 1))
    assert f"more than {ANSWER_BYTES} bytes" in (await refused(there)).told["why"]


async def test_one_that_never_ends_is_given_up(there: StandIn) -> None:
    ended = threading.Event()

    def drip(connection: socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            while not ended.wait(0.02):
                connection.sendall(b" ")
        except OSError:
            return

    there.answers[WELL_KNOWN] = drip
    why = (await refused(there, discovered(there, whole_s=0.3))).told["why"]
    ended.set()
    assert "took too long" in why


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"issuer": 1}',
        b'{"issuer": "\xff"}',
        json.dumps({"issuer": "x", "authorization_endpoint": "x", "token_endpoint": "x"}).encode(),
    ],
)
async def test_what_is_no_document(there: StandIn, content: bytes) -> None:
    there.answers[WELL_KNOWN] = lambda _: reply(200, content)
    assert (await refused(there)).reason == "provider"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "javascript:alert(1)", "//x/y", "https://x/y#z", "https://a:b@x/", "https://x/\n", ""]
)
async def test_addresses_are_of_tls_and_whole(there: StandIn, name: str, url: str) -> None:
    there.document[name] = url
    assert (await refused(there)).told == {"why": "an address without TLS, or none"}


async def test_this_machine_is_asked_only_where_that_is_allowed(there: StandIn) -> None:
    error = await refused(there, provider=known(there.issuer, local=False))
    assert "it is this machine" in error.told["why"]
    assert not there.asked


async def test_what_is_allowed_is_the_issuers_host_and_no_other(there: StandIn) -> None:
    made, provider = discovered(there), known(there.issuer)
    there.document["jwks_uri"] = there.document["jwks_uri"].replace("127.0.0.1", "127.0.0.2")
    await made.metadata(provider, NOW)
    with pytest.raises(RefusedError) as error:
        await made.keys(provider, "one", NOW)
    assert "127.0.0.2" in error.value.told["why"]


@pytest.mark.check("O10")
async def test_a_certificate_that_nobody_vouches_for_is_refused(there: StandIn) -> None:
    assert "certificate" in (await refused(there, Discovered(Reach(None)))).told["why"]


async def test_a_failure_is_remembered_for_a_moment(there: StandIn) -> None:
    made, provider = discovered(there), known(there.issuer)
    there.answers[WELL_KNOWN] = lambda _: reply(500)
    assert not (await refused(there, made)).known
    assert (await refused(there, made)).known
    assert asked(there) == 1
    del there.answers[WELL_KNOWN]
    await made.metadata(provider, NOW + timedelta(seconds=5))


async def test_new_keys_are_fetched_when_a_token_names_one(there: StandIn) -> None:
    made, provider = discovered(there), known(there.issuer)
    assert [key.kid for key in await made.keys(provider, "one", NOW)] == ["one"]
    there.rotate("two", 1)
    later = NOW + timedelta(seconds=30)
    assert [key.kid for key in await made.keys(provider, "one", later)] == ["one"]
    assert asked(there, "/jwks") == 1
    assert [key.kid for key in await made.keys(provider, "two", later)] == ["two"]
    assert asked(there, "/jwks") == 2


async def test_keys_that_nobody_has_are_not_fetched_again_and_again(there: StandIn) -> None:
    made, provider = discovered(there), known(there.issuer)
    for number in range(20):
        await made.keys(provider, f"nobody's {number}", NOW + timedelta(seconds=number))
    assert asked(there, "/jwks") == 1
    await made.keys(provider, "nobody's", NOW + timedelta(seconds=30))
    assert asked(there, "/jwks") == 2


@pytest.mark.parametrize("keys", [[1, None, {}, {"kty": 5}], [[[]]], [{"kty": "RSA", "n": 1}]])
async def test_keys_that_can_not_be_read_are_passed_over(there: StandIn, keys: list[Any]) -> None:
    there.jwks = [*keys, *there.jwks]
    assert [key.kid for key in await discovered(there).keys(known(there.issuer), "one", NOW)] == ["one"]


async def test_no_more_wait_for_providers_than_there_is_room_for(there: StandIn) -> None:
    import asyncio

    let_go = threading.Event()

    def waits(connection: socket) -> bytes:
        let_go.wait(10)
        return as_json(there.document)

    there.answers[WELL_KNOWN] = waits
    made = discovered(there)
    several = [
        asyncio.ensure_future(made.metadata(replace(known(there.issuer), version=number), NOW)) for number in range(13)
    ]
    done, _ = await asyncio.wait(several, return_when=asyncio.FIRST_COMPLETED)
    let_go.set()
    (first,) = done
    assert isinstance(error := first.exception(), RefusedError)
    assert error.told == {"why": "too many sign-ins wait for providers"}
    await asyncio.gather(*(one for one in several if one is not first))


def test_the_authority_of_the_stand_in_is_a_real_one(there: StandIn) -> None:
    assert ssl.create_default_context(cafile=there.certificates).get_ca_certs()

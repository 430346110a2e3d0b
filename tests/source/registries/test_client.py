"""Images from a registry that answers well, badly, or only to those who prove who they are."""

import gzip
import hashlib
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rightshift.egress.flows.credential import Credential
from rightshift.egress.proxies import Proxies
from rightshift.errors import EgressError, RightshiftError, SourceError
from rightshift.source.open import open_source
from rightshift.source.options import Options, Stores
from rightshift.tree.material import Blob, ImageMaterial
from tests.egress.certificates import authority
from tests.egress.peers import Asked, peer, reply
from tests.source import images
from tests.source.registries.stand_in import BASIC, Registry, registry, served

LARGE = images.tar({"large": random.Random(1).randbytes(3_000_000)})
PERSON = Credential(username="ann", password="s3cret")
NO_STORES = Stores(docker=(), podman=(), containerd=())


def options(credential: Credential | None = None, **more: object) -> Options:
    return Options(
        credentials=lambda *_: credential,
        registries_conf=(),
        proxies=Proxies(),
        stores=NO_STORES,
        **more,  # type: ignore[arg-type]
    )


@contextmanager
def opened(serving: Registry, settings: Options | None = None, reference: str = ":1") -> Iterator[ImageMaterial]:
    assert serving.peer is not None
    found = open_source(f"registry:{serving.peer.authority}/team/app{reference}", settings or options())
    assert isinstance(found, ImageMaterial)
    try:
        yield found
    finally:
        found.close()


def whole(blob: object, size: int = 70_000) -> bytes:
    assert isinstance(blob, Blob)
    stream = blob.open()
    try:
        chunks = []
        while chunk := stream.read(size):
            chunks.append(chunk)
        return b"".join(chunks)
    finally:
        stream.close()


def proved(found: ImageMaterial) -> bool:
    return all("sha256:" + hashlib.sha256(whole(layer)).hexdigest() == layer.layer.digest for layer in found.layers)


def test_an_image_is_read_from_manifest_to_layers() -> None:
    made = images.image([LARGE, images.tar({"b": b"2"})])
    with registry(made) as serving, opened(serving) as found:
        assert found.subject.id == made.config["digest"]
        assert found.subject.aliases == (made.manifest["digest"],)
        assert found.subject.tags[0].endswith("/team/app:1")
        assert [layer.layer.created_by for layer in found.layers] == ["COPY 0", "COPY 1"]
        assert proved(found)


def test_layers_are_asked_for_only_when_they_are_opened() -> None:
    made = images.image()
    with registry(made) as serving, opened(serving):
        assert not serving.asked(made.layers[0]["digest"])


def test_an_image_may_be_named_by_its_digest() -> None:
    made = images.image()
    with registry(made) as serving, opened(serving, reference=f"@{made.manifest['digest']}") as found:
        assert (found.subject.id, found.subject.tags) == (made.config["digest"], ())


def test_the_image_for_a_platform_is_taken_from_an_index() -> None:
    made, other = images.image(), images.image(architecture="arm64")
    made.content |= other.content
    entries = [{**part.manifest, "platform": {"os": "linux", "architecture": name}}
               for part, name in ((made, "amd64"), (other, "arm64"))]  # fmt: skip
    top = made.add(images.index(*entries), images.INDEX)
    with registry(made) as serving:
        serving.tags["1"] = top["digest"]
        with opened(serving, options(platform="linux/arm64")) as found:
            assert found.subject.aliases == (other.manifest["digest"], top["digest"])
        with pytest.raises(SourceError, match="no image for linux/s390x"), opened(serving, options(platform="s390x")):
            pass


# Who asks


def test_a_token_is_fetched_once_and_used_for_all() -> None:
    with registry(images.image(), auth="anonymous") as serving, opened(serving) as found:
        assert proved(found)
        assert len(serving.asked("/token")) == 1
        assert len(serving.asked("/manifests/")) == 2


def test_a_password_buys_a_token() -> None:
    with registry(images.image(), auth="token") as serving, opened(serving, options(PERSON)) as found:
        assert proved(found)
        assert serving.asked("/token")[0].headers["authorization"] == BASIC


def test_an_identity_token_buys_a_token() -> None:
    settings = options(Credential(identity_token="identity"))
    with registry(images.image(), auth="token") as serving, opened(serving, settings) as found:
        assert proved(found)
        assert serving.asked("/token")[0].method == "POST"


def test_a_password_is_sent_only_after_it_was_asked_for() -> None:
    with registry(images.image(), auth="basic") as serving, opened(serving, options(PERSON)) as found:
        assert proved(found)
        assert serving.peer is not None
        sent = [asked.headers.get("authorization") for asked in serving.peer.asked]
    assert sent[0] is None
    assert set(sent[2:]) == {BASIC}


def test_a_token_that_runs_out_midway_is_fetched_anew() -> None:
    with registry(images.image(), auth="anonymous") as serving, opened(serving) as found:
        serving.tokens.append("another")
        assert proved(found)
        assert len(serving.asked("/token")) == 2


def test_a_token_that_is_never_accepted_is_fetched_once_more_and_not_for_ever() -> None:
    with registry(images.image(), auth="anonymous") as serving:
        with opened(serving) as found:
            serving.tokens = []
            serving.token_answer = reply(200, b'{"token": "wrong"}')
            with pytest.raises(SourceError, match="does not let"):
                whole(found.layers[0])
        assert len(serving.asked("/token")) == 2


@pytest.mark.parametrize("auth", ["basic", "token"])
def test_without_a_password_the_registry_is_named_to_sign_in_to(auth: str) -> None:
    with registry(images.image(), auth=auth) as serving:
        with pytest.raises(RightshiftError) as told, opened(serving):
            pass
    assert "docker login" in told.value.do


def test_a_realm_on_another_port_is_not_called() -> None:
    with peer(lambda *_: reply(200, b'{"token": "x"}')) as canary:
        with registry(images.image(), auth="token", realm=canary.url()) as serving:
            with pytest.raises(EgressError, match="was not called"), opened(serving, options(PERSON)):
                pass
        assert canary.connections == 0


def test_a_realm_that_was_allowed_is_called() -> None:
    with registry(images.image()) as tokens:
        assert tokens.peer is not None
        tokens.auth = "token"
        with registry(images.image(), auth="token", realm=tokens.peer.url("/token")) as serving:
            serving.tokens = tokens.tokens
            allowed = frozenset({tokens.peer.authority})
            with opened(serving, options(PERSON, realms=allowed, plain_http=allowed)) as found:
                assert proved(found)


# Layers that come badly


def test_layers_may_come_from_a_store_that_is_sent_no_password() -> None:
    made = images.image()
    with peer(lambda asked, _: served(asked, made.content[asked.path[1:].partition("?")[0]])) as store:
        settings = options(PERSON, plain_http=frozenset({"127.0.0.1"}))
        with registry(made, auth="basic", store=store) as serving, opened(serving, settings) as found:
            assert proved(found)
    assert all("authorization" not in asked.headers for asked in store.asked)
    assert len(store.asked) == 3


def _cutting(times: int, at: int = 1_000_000, then: Callable[[Asked, bytes], bytes] = served) -> object:
    """Breaks off after so many bytes, so many times."""
    left = [times]

    def fault(asked: Asked, connection: socket.socket, content: bytes) -> bytes | None:
        answer = then(asked, content)
        left[0] -= 1
        if left[0] < 0:
            return answer
        head, _, body = answer.partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\n\r\n" + body[:at])
        return None

    return fault


def test_a_layer_that_breaks_off_is_taken_up_where_it_was() -> None:
    made = images.image([LARGE])
    with registry(made, fault=_cutting(2)) as serving, opened(serving) as found:
        assert proved(found)
        ranges = [asked.headers.get("range") for asked in serving.asked(found.layers[0].layer.digest)]
    assert (ranges[0], len(ranges)) == (None, 3)
    assert all(text and text.startswith("bytes=") for text in ranges[1:])


def test_a_registry_without_ranges_is_read_again_from_the_start() -> None:
    made = images.image([LARGE])
    fault = _cutting(2, then=lambda _, content: reply(200, content))
    with registry(made, fault=fault) as serving, opened(serving) as found:
        assert proved(found)


def test_a_range_that_begins_elsewhere_is_refused() -> None:
    made = images.image([LARGE])

    def wrong(asked: Asked, content: bytes) -> bytes:
        if "range" not in asked.headers:
            return reply(200, content)
        return reply(206, content, Content_Range=f"bytes 0-{len(content) - 1}/{len(content)}")

    with registry(made, fault=_cutting(1, then=wrong)) as serving, opened(serving) as found:
        with pytest.raises(SourceError, match="status 206"):
            whole(found.layers[0])


def test_a_layer_that_always_breaks_off_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightshift.source.registries.client.Client.pause", lambda *_: None)
    made = images.image([LARGE])
    with registry(made, fault=_cutting(100, at=10)) as serving, opened(serving) as found:
        with pytest.raises(EgressError):
            whole(found.layers[0])
        assert len(serving.asked(found.layers[0].layer.digest)) == 6


def test_a_layer_that_is_longer_than_it_should_be_is_refused_at_once() -> None:
    made = images.image([LARGE])
    with registry(made, fault=lambda *asked: reply(200, asked[2] + b"x" * 9_000_000)) as serving:
        with opened(serving) as found:
            with pytest.raises(SourceError, match="larger than the manifest says"):
                whole(found.layers[0])


def test_a_layer_that_ends_early_is_never_taken_for_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rightshift.source.registries.client.Client.pause", lambda *_: None)
    made = images.image([LARGE])
    with registry(made, fault=lambda *asked: reply(200, asked[2][:-1])) as serving:
        with opened(serving) as found, pytest.raises(EgressError):
            whole(found.layers[0])


def test_a_layer_that_changes_meanwhile_does_not_prove_itself() -> None:
    made = images.image([LARGE])
    other = gzip.compress(images.tar({"large": bytes(3_000_000)}), compresslevel=0)
    with registry(
        made, fault=_cutting(1, then=lambda asked, _: served(asked, other[: made.layers[0]["size"]]))
    ) as serving:
        with opened(serving) as found:
            assert not proved(found)


@pytest.mark.parametrize("status", [403, 404, 410, 416, 500])
def test_a_layer_that_is_refused_is_told(status: int) -> None:
    with registry(images.image([LARGE]), fault=lambda *_: reply(status)) as serving, opened(serving) as found:
        with pytest.raises(SourceError, match="layer sha256:"):
            whole(found.layers[0])


def test_a_stranger_that_asks_for_a_password_gets_none() -> None:
    with peer(lambda *_: reply(401, WWW_Authenticate="Basic realm=x")) as store:
        with registry(images.image(), auth="basic", store=store) as serving:
            settings = options(PERSON, plain_http=frozenset({"127.0.0.1"}))
            with pytest.raises(SourceError, match="does not let"), opened(serving, settings) as found:
                whole(found.layers[0])
    assert store.asked
    assert all("authorization" not in asked.headers for asked in store.asked)


# Documents that come badly


def test_a_tag_that_is_missing_is_told() -> None:
    with registry(images.image()) as serving:
        with pytest.raises(SourceError, match=r"does not have team/app:2") as told, opened(serving, reference=":2"):
            pass
    assert told.value.means == "It says: MANIFEST_UNKNOWN: manifest unknown"


def test_a_manifest_that_its_own_header_denies_is_refused() -> None:
    made = images.image()
    with registry(made) as serving:
        serving.manifest_answer = reply(
            200, made.content[made.manifest["digest"]], Docker_Content_Digest="sha256:" + "0" * 64
        )
        with pytest.raises(SourceError, match="not what its digest says"), opened(serving):
            pass


@pytest.mark.parametrize("part", ["manifest", "config"])
def test_documents_that_are_exchanged_are_refused(part: str) -> None:
    made = images.image()
    name = getattr(made, part)["digest"]
    made.content[name] = made.content[name].replace(b"linux", b"lunix").replace(b"schema", b"scheme")
    with registry(made) as serving:
        with pytest.raises(SourceError), opened(serving, reference=f"@{made.manifest['digest']}"):
            pass


def test_a_config_that_claims_to_be_huge_is_not_asked_for() -> None:
    made = images.image()
    made = images.image(manifest={"config": {**made.config, "size": 9 << 20}})
    with registry(made) as serving:
        with pytest.raises(SourceError, match="at most 8388608 are read"), opened(serving):
            pass
        assert not serving.asked(made.config["digest"])


def test_a_manifest_without_end_is_cut_at_its_bound() -> None:
    with registry(images.image()) as serving:
        serving.manifest_answer = reply(200, b" " * (5 << 20))
        with pytest.raises(EgressError, match="more than 4194304 bytes"), opened(serving):
            pass


def test_an_old_manifest_is_told_from_a_wrong_one() -> None:
    content = b'{"schemaVersion": 1, "name": "x", "fsLayers": [], "signatures": []}'
    kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    answer = reply(200, content, Content_Type=kind, Docker_Content_Digest="sha256:" + "0" * 64)
    with registry(images.image()) as serving:
        serving.manifest_answer = answer
        with pytest.raises(SourceError, match="schema version 1") as told, opened(serving):
            pass
    assert "Push the image again" in told.value.do


@pytest.mark.parametrize("status", [429, 500, 418])
def test_other_answers_are_told(status: int) -> None:
    with registry(images.image()) as serving:
        serving.manifest_answer = reply(status, b"\xff", Retry_After="7200")
        with pytest.raises(SourceError) as told, opened(serving):
            pass
    assert ("7200 seconds" in told.value.means) == (status == 429)


# TLS


def test_a_registry_on_this_machine_may_speak_tls(tmp_path: Path) -> None:
    made = authority(tmp_path)
    with registry(images.image(), made.context, auth="basic") as serving:
        with opened(serving, options(PERSON, certificates=made.authority)) as found:
            assert proved(found)
        with pytest.raises(EgressError, match="certificate"), opened(serving, options(PERSON)):
            pass


def test_other_hosts_are_asked_by_tls_only() -> None:
    with registry(images.image()) as serving:
        assert serving.peer is not None
        name = f"registry:example.invalid:{serving.peer.port}/team/app:1"
        with pytest.raises(EgressError):
            open_source(name, options())
        assert serving.peer.connections == 0

"""The distribution registry of Debian: by TLS of a private authority, by password and by token."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from rightshift.egress.flows.credential import Credential
from rightshift.errors import EgressError, RightshiftError, SourceError
from rightshift.source.open import open_source
from rightshift.tree.material import ImageMaterial
from tests.egress.certificates import Authority, authority
from tests.egress.peers import Asked, peer, reply
from tests.source import images
from tests.source.programs import answers, free_port, program, run, running
from tests.source.registries.stand_in import BASIC
from tests.source.registries.test_client import options, proved

pytestmark = pytest.mark.apt
PERSON = Credential(username="ann", password="s3cret")
BCRYPT = "$2b$04$x4ADJmyHLpQd2SCQEBAwDu/.3Q36MLdy4qm55m93adBQGf3YKSGrq"


@contextmanager
def serving(folder: Path, tls: Authority, auth: str = "") -> Iterator[str]:
    """A registry with one image as team/app:1; gives its authority."""
    port, image = free_port(), images.image()
    config = f"""
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:{port}", tls: {{certificate: {tls.chain}, key: {tls.key}}}}}
"""
    start = program("docker-registry"), "serve"
    (folder / "open.yml").write_text(config)
    (folder / "config.yml").write_text(config + auth)
    layout = images.write(folder / "layout", images.layout_files(image))
    with running([*start, str(folder / "open.yml")], folder / "log", answers(port)):
        target = f"docker://127.0.0.1:{port}/team/app:1"
        run(program("skopeo"), "copy", "--dest-tls-verify=false", f"oci:{layout}", target)
    with running([*start, str(folder / "config.yml")], folder / "log", answers(port)):
        yield f"127.0.0.1:{port}"


@pytest.fixture
def tls(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def opened(name: str, tls: Authority, credential: Credential | None = None) -> ImageMaterial:
    found = open_source(name, options(credential, certificates=tls.authority, platform="linux/amd64"))
    assert isinstance(found, ImageMaterial)
    return found


def test_images_are_read_by_tls_of_a_private_authority(tmp_path: Path, tls: Authority) -> None:
    made = images.image()
    with serving(tmp_path, tls) as place:
        for name in (f"registry:{place}/team/app:1", f"{place}/team/app:1"):
            found = opened(name, tls)
            assert found.subject.id == made.config["digest"]
            assert proved(found)
            found.close()
        by_digest = opened(f"registry:{place}/team/app@{made.manifest['digest']}", tls)
        assert proved(by_digest)
        by_digest.close()
        with pytest.raises(SourceError, match="does not have team/app:2"):
            opened(f"registry:{place}/team/app:2", tls)
        with pytest.raises(EgressError, match="certificate"):
            open_source(f"registry:{place}/team/app:1", options())


def test_a_password_is_asked_for(tmp_path: Path, tls: Authority) -> None:
    (tmp_path / "htpasswd").write_text(f"ann:{BCRYPT}\n")
    auth = f"auth: {{htpasswd: {{realm: here, path: {tmp_path}/htpasswd}}}}\n"
    with serving(tmp_path, tls, auth) as place:
        found = opened(f"registry:{place}/team/app:1", tls, PERSON)
        assert proved(found)
        found.close()
        with pytest.raises(SourceError, match="does not let"):
            opened(f"registry:{place}/team/app:1", tls)
        with pytest.raises(SourceError, match="does not let"):
            opened(f"registry:{place}/team/app:1", tls, Credential(username="ann", password="wrong"))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _signed(tls: Authority, claims: dict[str, object]) -> str:
    """A JSON web token by the key and certificate of the test's server."""
    key = serialization.load_pem_private_key(tls.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate = x509.load_pem_x509_certificate(tls.chain.read_bytes())
    der = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    head = {"typ": "JWT", "alg": "ES256", "x5c": [der]}
    text = _encoded(json.dumps(head).encode()) + "." + _encoded(json.dumps(claims).encode())
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return text + "." + _encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def test_a_token_is_had_from_the_realm_that_is_allowed(tmp_path: Path, tls: Authority) -> None:
    def give(asked: Asked, _: object) -> bytes:
        if asked.headers.get("authorization") != BASIC:
            return reply(401)
        now = int(time.time())
        access = [{"type": "repository", "name": "team/app", "actions": ["pull"]}]
        claims = {"iss": "test", "sub": "ann", "aud": "registry", "jti": "1", "access": access}
        token = _signed(tls, {**claims, "iat": now, "nbf": now - 60, "exp": now + 300})
        return reply(200, json.dumps({"token": token, "expires_in": 300}).encode())

    with peer(give, tls.context) as tokens:
        bundle = f"rootcertbundle: {tls.authority}"
        auth = f'auth: {{token: {{realm: "{tokens.url("/token")}", service: registry, issuer: test, {bundle}}}}}\n'
        with serving(tmp_path, tls, auth) as place:
            found = opened(f"registry:{place}/team/app:1", tls, PERSON)
            assert proved(found)
            found.close()
            assert len(tokens.asked) == 1
            assert "scope=repository%3Ateam%2Fapp%3Apull" in tokens.asked[0].path
            with pytest.raises(RightshiftError):
                opened(f"registry:{place}/team/app:1", tls)

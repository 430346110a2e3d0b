"""From the top of an image to its config and layers, and all that is no image."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightshift.errors import SourceError
from rightshift.source import manifest, platforms
from rightshift.source.manifest import Descriptor, Image
from rightshift.source.platforms import Platform
from tests.source import images
from tests.source.images import Blobs

AMD64 = Platform("linux", "amd64")


def resolve(made: Blobs, top: dict[str, Any] | None = None, wanted: Platform | None = AMD64) -> Image:
    found = top or made.manifest
    start = Descriptor(digest=found["digest"], size=found["size"], media_type=found["mediaType"])
    return manifest.resolve(start, lambda part, _: made.content.get(part.digest, b""), wanted)


def test_an_image_is_its_config_its_layers_and_what_made_them() -> None:
    made = images.image()
    found = resolve(made)
    assert found.id == made.config["digest"]
    assert found.aliases == (made.manifest["digest"],)
    assert [part.layer.digest for part in found.parts] == [layer["digest"] for layer in made.layers]
    assert [part.layer.created_by for part in found.parts] == ["COPY 0", "COPY 1"]
    assert [part.layer.diff_id for part in found.parts] == [
        images.digest(images.tar({"a": b"1"})),
        images.digest(images.tar({"b": b"2"})),
    ]
    assert (found.config.platform, found.config.created, found.gaps) == (AMD64, "2024-05-01T10:00:00Z", ())


def _index(made: Blobs, *entries: dict[str, Any]) -> dict[str, Any]:
    return made.add(images.index(*entries), images.INDEX)


def _for(made: Blobs, platform: str) -> dict[str, Any]:
    os, architecture, *variant = platform.split("/")
    return {**made.manifest, "platform": {"os": os, "architecture": architecture, "variant": "".join(variant)}}


def test_an_index_leads_to_the_image_of_a_platform() -> None:
    one, other = images.image(), images.image(architecture="arm64")
    one.content |= other.content
    top = _index(one, _for(one, "linux/amd64"), _for(other, "linux/arm64/v8"))
    assert resolve(one, top, Platform("linux", "arm64")).id == other.config["digest"]
    assert resolve(one, top).aliases == (one.manifest["digest"], top["digest"])
    with pytest.raises(SourceError, match="no image for linux/s390x") as told:
        resolve(one, top, Platform("linux", "s390x"))
    assert told.value.means == "It has: linux/amd64, linux/arm64/v8"


def test_without_a_wish_the_only_image_is_taken_whatever_it_is_for() -> None:
    made = images.image(architecture="sparc")
    assert resolve(made, _index(made, _for(made, "linux/sparc")), None).config.platform.architecture == "sparc"
    with pytest.raises(SourceError, match="no image for"):
        resolve(made, _index(made, _for(made, "linux/sparc"), _for(made, "linux/vax")), None)


def test_without_a_wish_this_machine_is_meant() -> None:
    here = platforms.here()
    made, other = images.image(architecture=here.architecture), images.image(architecture="vax")
    made.content |= other.content
    top = _index(made, _for(other, "linux/vax"), _for(made, str(here)))
    assert resolve(made, top, None).id == made.config["digest"]


def test_attestations_are_passed_over() -> None:
    made = images.image()
    claim = {**made.manifest, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    unknown = {**made.manifest, "platform": {"os": "unknown", "architecture": "unknown"}}
    assert resolve(made, _index(made, claim, unknown, _for(made, "linux/amd64"))).id == made.config["digest"]
    with pytest.raises(SourceError, match="lists no image"):
        resolve(made, _index(made, claim, unknown))


def test_an_index_may_lie_in_an_index_but_no_deeper() -> None:
    made = images.image()
    inner = _index(made, _for(made, "linux/amd64"))
    middle = _index(made, inner)
    assert resolve(made, middle).aliases == (made.manifest["digest"], inner["digest"], middle["digest"])
    with pytest.raises(SourceError, match="below more than 2 indexes"):
        resolve(made, _index(made, middle))


@pytest.mark.parametrize("part", ["manifest", "config"])
def test_documents_that_are_not_what_their_digest_says_are_refused(part: str) -> None:
    made = images.image()
    name = getattr(made, part)["digest"]
    made.content[name] = made.content[name].replace(b"linux", b"lunix").replace(b"schema", b"scheme")
    with pytest.raises(SourceError, match="not what its digest and size say"):
        resolve(made)


def test_a_config_of_another_size_is_refused() -> None:
    made = images.image()
    changed = {"config": {**made.config, "size": made.config["size"] + 1}}
    with pytest.raises(SourceError, match="not what its digest and size say"):
        resolve(images.image(manifest=changed))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "encrypted"),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "never called"),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "never called"),
        ("application/vnd.oci.image.layer.nydus.blob.v1", "can't be read"),
        ("application/vnd.in-toto+json", "can't be read"),
        ("", "is missing"),
    ],
)
def test_layers_that_can_not_be_read_are_gaps_with_their_digest(kind: str, reason: str) -> None:
    made = images.image()
    odd = {**made.layers[1], "mediaType": kind, "urls": ["http://127.0.0.1:9/"]}
    found = resolve(images.image(manifest={"layers": [made.layers[0], odd]}))
    assert [part.layer.digest for part in found.parts] == [made.layers[0]["digest"]]
    assert [gap.layer for gap in found.gaps] == [odd["digest"]]
    assert reason in found.gaps[0].reason


def test_layers_that_the_config_does_not_name_are_told() -> None:
    found = resolve(images.image(config={"rootfs": {"diff_ids": ["sha256:" + "0" * 64]}}))
    assert "names 1 layers and the manifest 2" in found.gaps[0].reason
    assert [part.layer.diff_id for part in found.parts] == ["", ""]


def test_a_history_that_does_not_fit_is_not_guessed_at() -> None:
    found = resolve(images.image(config={"history": [{"created_by": "COPY"}]}))
    assert [part.layer.created_by for part in found.parts] == ["", ""]


@pytest.mark.parametrize("missing", ["history", "created", "architecture", "os"])
def test_a_config_may_leave_out_what_is_not_needed(missing: str) -> None:
    assert len(resolve(images.image(config={missing: None})).parts) == 2


def test_a_platform_that_the_config_denies_is_refused() -> None:
    with pytest.raises(SourceError, match="for linux/arm64 and not for linux/amd64"):
        resolve(images.image(architecture="arm64"))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"schemaVersion": 1, "fsLayers": []}, "schema version 1"),
        ({"config": None}, "without a config"),
        ({"layers": None}, "without a list of layers"),
        ({"layers": ["sha256:"]}, "can't be read"),
        ({"layers": {}}, "can't be read"),
        ({"layers": [{"digest": "md5:" + "0" * 32, "size": 1, "mediaType": images.LAYER}]}, "no digest"),
        ({"layers": [{"digest": "sha256:" + "0" * 64, "size": -1, "mediaType": images.LAYER}]}, "below zero"),
        ({"layers": [{"digest": "sha256:" + "0" * 64, "size": 1, "mediaType": images.LAYER}] * 1001}, "at most 1000"),
        ({"manifests": []}, "index and manifest in one"),
        ({"mediaType": "text/html"}, "says that it is text/html"),
        ({"artifactType": "application/vnd.example"}, "artifact of type application/vnd.example"),
    ],
)
def test_what_is_no_image_is_told(changed: dict[str, object], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        resolve(images.image(manifest=changed))


def test_a_chart_is_told_by_its_type() -> None:
    with pytest.raises(SourceError, match=r"artifact of type application/vnd\.cncf\.helm"):
        resolve(images.image(config_type="application/vnd.cncf.helm.config.v1+json"))


def test_a_page_instead_of_a_manifest_is_told() -> None:
    made = Blobs()
    with pytest.raises(SourceError, match="web page"):
        resolve(made, made.add(b"<html>Sign in</html>", images.MANIFEST))


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"size": 1e999}', b"{" * 100_000])
def test_broken_documents_are_told(content: bytes) -> None:
    made = Blobs()
    with pytest.raises(SourceError):
        resolve(made, made.add(content, images.MANIFEST))
    with pytest.raises(SourceError):
        manifest.config(b"[" + content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["schemaVersion", "mediaType", "config", "layers", "manifests", "fsLayers", "artifactType"])


@settings(max_examples=200)
@given(st.dictionaries(FIELDS, JSON))
def test_no_manifest_raises_anything_else(changed: dict[str, object]) -> None:
    made = images.image(manifest=changed)
    try:
        resolve(made)
    except SourceError:
        return


@given(st.dictionaries(st.sampled_from(["architecture", "os", "rootfs", "history", "created"]), JSON), st.binary())
def test_no_config_raises_anything_else(changed: dict[str, object], noise: bytes) -> None:
    for content in (json.dumps(changed).encode(), noise):
        try:
            manifest.config(content)
        except SourceError:
            continue

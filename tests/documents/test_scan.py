"""A scan document as it travels: nothing is lost on the way, the same gives the same bytes, and limits hold."""

import json
from contextlib import suppress
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.documents import lift, scan
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap, Inventory, Layer, Subject
from rightshift.model.package import Distro, Package, SourcePackage

DEBIAN = Distro("debian", "12", (), "bookworm", "Debian GNU/Linux 12")
ALPINE = Distro("alpine", "3.19.1", root="srv/chroot")
SUBJECT = Subject(kind="image", name="shop/web:1", id="sha256:" + "a" * 64, tags=("shop/web:1",), os="linux")
INVENTORY = Inventory(
    packages=(
        Package(
            ecosystem="deb",
            name="libc6",
            version="2.36-9",
            arch="amd64",
            distro=DEBIAN,
            source=SourcePackage("glibc"),
            locations=("var/lib/dpkg/status",),
            layer=0,
        ),
        Package(ecosystem="apk", name="musl", version="1.2.4-r2", distro=ALPINE, locations=("srv/chroot/lib/apk/db",)),
        Package(
            ecosystem="npm",
            name="@scope/name",
            version="1.0.0",
            state="locked",
            origin="git",
            evidence="manifest",
            dev=True,
            optional=True,
            licenses=("MIT",),
            layer=1,
            owner="pkg:deb/debian/node@1",
        ),
        Package(ecosystem="rpm", name="httpd", version="1:2.4", modularity="httpd:2.4:8:x", namespace="redhat"),
    ),
    gaps=(Gap("srv/broken.jar", "jar: not a zip", "sha256:" + "b" * 64),),
    distro=DEBIAN,
    layers=(Layer("sha256:" + "b" * 64, "sha256:" + "c" * 64, 12, "COPY . /"),),
    covered_elsewhere=("var/lib/docker",),
    notes=("a wall is missing",),
)

texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=12)
distros = st.builds(Distro, texts, texts, st.tuples(texts), texts, texts, texts)
packages = st.builds(
    Package,
    ecosystem=st.sampled_from(["npm", "deb", "maven", "pypi"]),
    name=texts,
    version=texts,
    state=st.sampled_from(["installed", "linked", "locked", "claimed"]),
    origin=st.sampled_from(["registry", "git", "unknown"]),
    source=st.none() | st.builds(SourcePackage, texts, texts),
    distro=st.none() | distros,
    dev=st.booleans(),
    licenses=st.tuples(texts),
    locations=st.tuples(texts),
    layer=st.none() | st.integers(0, 200),
)
inventories = st.builds(
    Inventory,
    packages=st.lists(packages, max_size=4).map(tuple),
    gaps=st.lists(st.builds(Gap, texts, texts, texts), max_size=2).map(tuple),
    distro=st.none() | distros,
)


def of(inventory: Inventory = INVENTORY, subject: Subject = SUBJECT) -> scan.ScanDocument:
    return scan.of(subject, inventory, created="2026-01-05T08:00:00Z", id="5f" * 16, catalogue="abc")


def test_what_goes_in_comes_out() -> None:
    document = scan.decode(scan.encode(of()))
    assert document == of()
    assert scan.inventory(document) == INVENTORY
    assert scan.subject(document) == SUBJECT


def test_a_gap_makes_it_partial() -> None:
    assert of().status == "partial"
    assert of(Inventory(packages=())).status == "complete"


def test_each_package_carries_its_purl() -> None:
    assert [one.purl for one in of().packages] == [
        "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12",
        "pkg:apk/alpine/musl@1.2.4-r2?distro=alpine-3.19.1",
        "pkg:npm/%40scope/name@1.0.0",
        "pkg:rpm/redhat/httpd@2.4?epoch=1",
    ]


@given(inventories)
def test_whatever_names_hold_the_document_is_utf8_and_stays_itself(inventory: Inventory) -> None:
    document = of(inventory)
    content = scan.encode(document)
    assert content == scan.encode(of(inventory))
    assert scan.decode(content) == document
    assert of(scan.inventory(document)) == document
    assert all(
        character.isprintable() or character.isspace() or ord(character) > 0xA0 for character in content.decode()
    )


def test_half_a_character_and_a_raw_byte_become_visible() -> None:
    subject = Subject(kind="directory", name="dir-\udcff-\ud800")
    package = Package(ecosystem="npm", name="n\ud800", version="1\udc80", locations=("p/\udce9",))
    document = scan.decode(scan.encode(of(Inventory(packages=(package,)), subject)))
    assert document.subject.name == "dir-\\xff-\ufffd"
    assert document.packages[0].name == "n\ufffd"
    assert document.packages[0].locations == ("p/\\xe9",)


def test_text_that_acts_on_a_screen_is_escaped_in_the_bytes_and_whole_for_the_reader() -> None:
    name = "a\x1b[31m\x9b31m\x7f\u202eb\u200b\U000e0041"
    content = scan.encode(of(subject=Subject(kind="directory", name=name)))
    assert content.isascii()
    assert b"\x1b" not in content
    assert b"\x7f" not in content
    assert scan.decode(content).subject.name == name


def test_indented_is_the_same_document() -> None:
    assert b"\n  " in scan.encode(of(), indent=2)
    assert scan.decode(scan.encode(of(), indent=2)) == of()


def test_fields_of_a_later_version_are_passed_over() -> None:
    later = json.loads(scan.encode(of())) | {"colour": [1, {"a": None}]}
    assert scan.decode(json.dumps(later).encode()) == of()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"schema": "rightshift/scan/1"}',
        b'{"schema": 1}',
        b'{"schema": "rightshift/scan/1", "x": ' + b"[" * 100_000,
        b'{"schema": "rightshift/scan/1", "x": ' + b'{"a":' * 1_000_000,
        scan.encode(of()).replace(b'"status":"partial"', b'"status":"unsure"'),
        scan.encode(of()).replace(b'"distro":1', b'"distro":7'),
        scan.encode(of()).replace(b'"layer":1', b'"layer":-1'),
    ],
    ids=["empty", "not UTF-8", "a list", "fields missing", "no text", "deep", "deeper", "status", "distro", "layer"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(scan.MalformedScanDocument):
        scan.decode(content)


def test_a_document_over_the_limit_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "LIMIT_BYTES", 100)
    with pytest.raises(scan.MalformedScanDocument, match="limit of 100"):
        scan.decode(scan.encode(of()))


@pytest.mark.parametrize("schema", ["rightshift/scan/2", "", "\x1b[31m" + "x" * 1000])
def test_an_unknown_schema_is_named_and_refused(schema: str) -> None:
    with pytest.raises(lift.UnknownSchema, match="rightshift/scan/1") as raised:
        scan.decode(json.dumps({"schema": schema}).encode())
    assert len(str(raised.value)) < 200
    assert str(raised.value).isprintable()


@given(st.binary(max_size=300) | st.integers(0, 2000).map(lambda at: scan.encode(of())[:at]))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        scan.decode(content)


def test_the_published_schema_is_the_one_of_the_struct_and_holds_for_a_document() -> None:
    published = json.loads(Path(scan.__file__).with_name("scan.schema.json").read_bytes())
    assert published == json.loads(json.dumps(scan.schema()))
    jsonschema.Draft202012Validator.check_schema(published)
    validator = jsonschema.Draft202012Validator(published)
    validator.validate(json.loads(scan.encode(of())))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads(scan.encode(of())) | {"status": "unsure"})


def test_a_list_beyond_its_limit_is_refused() -> None:
    too_many = b'"covered_elsewhere":[' + b",".join([b'""'] * 5_000_001) + b"]"
    with pytest.raises(scan.MalformedScanDocument, match="length"):
        scan.decode(scan.encode(of(Inventory(packages=()))).replace(b'"covered_elsewhere":[]', too_many))


def test_without_layers_a_package_has_none() -> None:
    document = of(Inventory(packages=(Package(ecosystem="npm", name="a", version="1", layer=0),)))
    assert document.packages[0].layer is None

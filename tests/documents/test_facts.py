"""A facts document as it travels: nothing is lost, limits hold, and an older console reads what a newer sensor says."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rightshift.documents import facts, lift, scan
from rightshift.documents.assets import Container, Host, Pod, Privileges, Process
from rightshift.documents.seen import Connection, End, File, Listener, Relation, Use
from rightshift.errors import Malformed
from rightshift.model.asset import KINDS
from tests.console.facts_client import SyntheticSensor

EXAMPLE = Path(__file__).parents[2] / "docs/reference/facts-example.json"
PROCESS = "process:7-100"
DELTA = facts.FactsDocument(
    reporter="h1",
    epoch="e1",
    sequence=2,
    kind="delta",
    tool=facts.Tool("rightshift", "1"),
    clock_ms=20_000,
    from_ms=10_000,
    to_ms=20_000,
    assets=(Container(key="c1", parent="host:h1"), Process(key="7-100", parent="container:c1", runtime="java")),
    relations=(Relation(kind="instance-of", from_="container:c1", to="image:sha256:aa", how="snapshot"),),
    listeners=(Listener(of=PROCESS, protocol="tcp", address="::", port=80, how="events"),),
    connections=(
        Connection(
            of=PROCESS,
            protocol="tcp",
            direction="in",
            local="10.0.0.1",
            remote="2001:db8::1",
            port=80,
            how="events",
            first_ms=1,
            last_ms=2,
            count=3,
        ),
    ),
    files=(File("/usr/lib/libssl.so.3", 48, (1 << 64) - 1),),
    uses=(Use(of=PROCESS, level="executing", how="mapping", files=(0,), first_ms=1, last_ms=2),),
    ends=(End("process:6-90", 15_000),),
)

refs = st.sampled_from([PROCESS, "host:h1", "container:" + "a" * 64])
words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
instants = st.integers(0, 10**13)
documents = st.builds(
    lambda **lists: replace(DELTA, **lists),
    gaps=st.lists(st.builds(facts.Gap, what=words, reason=words, below=st.none() | refs), max_size=2).map(tuple),
    assets=st.lists(
        st.builds(Host, key=words.map("k".__add__), name=words, tags=st.dictionaries(words, words, max_size=2))
        | st.builds(
            Pod, key=words.map("k".__add__), host_namespaces=st.none() | st.tuples(st.sampled_from(["pid", "ipc"]))
        )
        | st.builds(
            Container,
            key=words.map("k".__add__),
            parent=refs,
            privileges=st.none() | st.builds(Privileges, privileged=st.none() | st.booleans()),
        ),
        max_size=3,
        unique_by=lambda one: one.id,
    ).map(tuple),
    ends=st.lists(st.builds(End, refs, instants), max_size=2).map(tuple),
)


def said(change: Callable[[dict[str, Any]], object]) -> bytes:
    """The delta above with a change that a struct would refuse."""
    value = json.loads(facts.encode(DELTA))
    change(value)
    return json.dumps(value).encode()


def test_the_example_is_read_holds_what_it_should_show_and_is_written_the_same() -> None:
    document = facts.decode(EXAMPLE.read_bytes())
    assert facts.encode(document, indent=2) + b"\n" == EXAMPLE.read_bytes()
    assert [one.kind for one in document.assets].count("container") == 2
    assert {one.port for one in document.listeners} == {22, 8443, 8080}
    assert any(one.mounts for it in document.assets if isinstance(it, Container) and (one := it.privileges))
    assert {one.level for one in document.uses} == {"executing", "open", "ran"}


@given(documents)
def test_what_is_written_is_read_again(document: facts.FactsDocument) -> None:
    assert facts.decode(facts.encode(document)) == document


def test_keys_that_become_the_same_when_they_are_made_visible_are_one() -> None:
    tags = {"a\x00": "1", "a\\x00": "2", "b\udcff": "3", "b\\xff": "4"}
    content = facts.encode(replace(DELTA, assets=(Host(key="h1", tags=tags),)))
    assert facts.decode(content).assets[0].tags == {"a\\x00": "2", "b\\xff": "4"}


def test_a_delta_is_read_as_it_was_said() -> None:
    assert facts.decode(facts.encode(DELTA)) == DELTA
    assert facts.decode(facts.encode(DELTA, indent=2)) == DELTA
    assert [one.id for one in DELTA.assets] == ["container:c1", PROCESS]


def test_usual_values_are_left_out_of_items() -> None:
    asset = json.loads(facts.encode(DELTA))["assets"][0]
    assert asset == {"kind": "container", "key": "c1", "parent": "host:h1"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\x00b", "a\\x00b"),
        ("\x00\x00", "\\x00\\x00"),
        ("\\\x00", "\\\\x00"),
        ("\\u0000", "\\u0000"),
        ("\\\\u0000", "\\\\u0000"),
        ("\udcff\ud800", "\\xff\ufffd"),
        ("\u202e\x1b", "\u202e\x1b"),
    ],
)
def test_text_that_a_database_cannot_hold_is_made_visible_and_no_other(name: str, shown: str) -> None:
    content = facts.encode(replace(DELTA, assets=(Host(key="h1", name=name),)))
    assert facts.decode(content).assets[0].name == shown
    assert content.isascii() or "\u202e" not in content.decode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda it: it["assets"][0].update(name="a\x00"), "NUL"),
        (lambda it: it["connections"][0].update(remote="10.0.0.256"), "10.0.0.256' is no address"),
        (lambda it: it["connections"][0].update(real="host"), "no address"),
        (lambda it: it["listeners"][0].update(address="fe80::1%eth0"), "no address"),
        (lambda it: it["assets"][0].update(addresses=["::g"]), "no address"),
        (lambda it: it["listeners"][0].update(port=0), "port"),
        (lambda it: it["listeners"][0].update(port=65536), "port"),
        (lambda it: it["uses"][0].update(files=[0, 1]), "not listed"),
        (lambda it: it["uses"][0].update(files=[-1]), "files"),
        (lambda it: it["files"][0].update(inode=1 << 64), "64 bits"),
        (lambda it: it["files"][0].update(device=-1), "device"),
        (lambda it: it.update(to_ms=9_999), "ends before"),
        (lambda it: it.update(clock_ms=10**15), "clock_ms"),
        (lambda it: it.update(clock_ms=1.5), "clock_ms"),
        (lambda it: it.update(sequence=-1), "sequence"),
        (lambda it: it.update(kind="half"), "kind"),
        (lambda it: it.update(reporter=""), "reporter"),
        (lambda it: it.pop("epoch"), "epoch"),
        (lambda it: it["assets"].append(it["assets"][0]), "same asset"),
        (lambda it: it["relations"].append(it["relations"][0]), "same relation"),
        (lambda it: it["listeners"].append(it["listeners"][0] | {"first_ms": 5}), "same listener"),
        (lambda it: it["connections"].append(it["connections"][0] | {"count": 9}), "same connection"),
        (lambda it: it["uses"][0].update(of="pid 7"), "no reference"),
        (lambda it: it["ends"][0].update(asset="process:"), "no reference"),
        (lambda it: it["assets"][0].update(parent="HOST:h1"), "no reference"),
        (lambda it: it["assets"][0].update(name="x" * 1025), "length"),
        (lambda it: it["assets"][0].update(tags={str(key): "" for key in range(257)}), "length"),
        (lambda it: it["assets"][0].pop("kind"), "kind"),
        (lambda it: it["assets"].append(7), "object"),
        (lambda it: it["uses"].append({"level": "\x1b[31m"}), "level|required"),
        (lambda it: it["assets"].extend({"kind": f"k{at}", "key": "x"} for at in range(101)), "unknown words"),
    ],
)
def test_what_is_wrong_is_refused_and_named(change: Callable[[dict[str, Any]], object], why: str) -> None:
    with pytest.raises(facts.MalformedFactsDocument, match=why) as raised:
        facts.decode(said(change))
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'{"schema": "rightshift/facts/1"}',
        facts.encode(DELTA)[:-1],
        facts.encode(DELTA) + b"{}",
        b"\xef\xbb\xbf" + facts.encode(DELTA),
        facts.encode(DELTA).replace(b'"h1"', b'"\xff"'),
        facts.encode(DELTA).replace(b'"h1"', b'"\\ud800"'),
        facts.encode(DELTA).replace(b'"sequence":2', b'"sequence":NaN'),
        facts.encode(DELTA).replace(b'"sequence":2', b'"sequence":' + b"9" * 5000),
        facts.encode(DELTA).replace(b'"sequence":2', b'"sequence":2,"sequence":3'),
        facts.encode(DELTA).replace(b'"sequence":2', b'"sequence":2,"later":{"a":1,"a":2}'),
        facts.encode(DELTA).replace(b'"sequence":2', b'"sequence":2,"later":"\xff"'),
        facts.encode(DELTA).replace(b'"sequence":2', b'"sequence":2,"later":' + b"[" * 100_000),
        facts.encode(DELTA).replace(b'"key":"c1"', b'"key":"c1","key":"c2"'),
    ],
    ids=range(16),
)
def test_what_is_no_such_json_is_malformed(content: bytes) -> None:
    with pytest.raises(facts.MalformedFactsDocument):
        facts.decode(content)


@pytest.mark.parametrize("schema", ["rightshift/facts/2", "rightshift/scan/1", ""])
def test_another_schema_is_named_and_refused(schema: str) -> None:
    with pytest.raises(lift.UnknownSchema, match="rightshift/facts/1"):
        facts.decode(said(lambda it: it.update(schema=schema)))
    with pytest.raises(lift.UnknownSchema, match="is none"):
        facts.decode(said(lambda it: it.pop("schema")))


def test_a_scan_document_is_not_read_as_facts_nor_facts_as_a_scan() -> None:
    with pytest.raises(lift.UnknownSchema, match=r"rightshift/facts/1'.* reads rightshift/scan/1"):
        scan.decode(facts.encode(DELTA))


def test_fields_of_a_newer_reporter_are_passed_over_in_silence() -> None:
    def newer(it: dict[str, Any]) -> None:
        it["colour"] = [1, {"a": None}]
        it["assets"][0]["weight"] = 1.5
        it["uses"][0]["symbols"] = ["SSL_read"]

    assert facts.decode(said(newer)) == DELTA


def test_items_of_kinds_that_only_a_newer_reporter_has_are_passed_over_and_counted() -> None:
    def newer(it: dict[str, Any]) -> None:
        it["assets"] += [{"kind": "satellite", "key": "s1"}, {"kind": "satellite", "key": "s2", "orbit": 3}]
        it["uses"].append({"of": PROCESS, "level": "jitted", "how": "mapping", "files": [0]})

    document = facts.decode(said(newer))
    assert replace(document, gaps=()) == DELTA
    assert [(one.what, one.kinds) for one in document.gaps] == [
        ("2 of the assets were passed over", ("satellite",)),
        ("1 of the uses were passed over", ("jitted",)),
    ]


def test_a_listener_seen_in_a_new_way_is_passed_over_and_then_nothing_counts_as_gone() -> None:
    document = facts.decode(said(lambda it: it["listeners"][0].update(how="telepathy")))
    assert document.listeners == ()
    assert [(one.kinds, one.below) for one in document.gaps] == [((), None)]


def test_what_refers_to_a_kind_that_only_a_newer_reporter_has_is_passed_over() -> None:
    def newer(it: dict[str, Any]) -> None:
        it["assets"][0]["parent"] = "satellite:s1"
        it["relations"].append(it["relations"][0] | {"to": "satellite:s1"})
        it["listeners"].append(it["listeners"][0] | {"of": "satellite:s1"})
        it["connections"].append(it["connections"][0] | {"of": "satellite:s1"})
        it["uses"].append(it["uses"][0] | {"of": "satellite:s1"})
        it["ends"].append({"asset": "satellite:s1", "at_ms": 1})

    document = facts.decode(said(newer))
    assert replace(document, gaps=(), assets=DELTA.assets) == DELTA
    assert document.assets[0].parent is None
    assert len(document.gaps) == 6
    assert {one.kinds for one in document.gaps} == {("satellite",)}


def test_a_right_or_runtime_that_is_new_costs_nothing() -> None:
    document = facts.decode(said(lambda it: it["assets"].append({"kind": "host", "key": "h2", "rights": ["fly"]})))
    host = document.assets[-1]
    assert isinstance(host, Host)
    assert host.rights == ("fly",)
    assert document.gaps == ()


def test_every_kind_that_is_not_only_scanned_can_be_reported() -> None:
    tags = {one.__struct_config__.tag for one in facts.ASSET_STRUCTS}
    assert set(KINDS) - tags == {"directory", "file", "sbom"}
    assert tags <= set(KINDS)


def test_limits_hold_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "LIMIT_COMMAS", 10)
    with pytest.raises(facts.MalformedFactsDocument, match="more than 10"):
        facts.decode(facts.encode(DELTA))
    monkeypatch.setattr(facts, "LIMIT_BYTES", 100)
    with pytest.raises(facts.MalformedFactsDocument, match="limit of 100"):
        facts.decode(facts.encode(DELTA))


def test_a_list_beyond_its_limit_is_refused() -> None:
    content = facts.encode(DELTA).replace(b'"dropped":[]', b'"dropped":[%b]' % b",".join([b"{}"] * 101))
    with pytest.raises(facts.MalformedFactsDocument):
        facts.decode(content)
    many = b",".join(b'{"path":"/%d"}' % at for at in range(200_001))
    with pytest.raises(facts.MalformedFactsDocument, match="length"):
        facts.decode(facts.encode(replace(DELTA, files=(), uses=())).replace(b'"files":[]', b'"files":[%b]' % many))


def test_of_what_a_newer_reporter_has_there_is_a_limit_too() -> None:
    many = b",".join([b'{"kind":"satellite"}'] * 200_001)
    with pytest.raises(facts.MalformedFactsDocument, match="length"):
        facts.decode(facts.encode(replace(DELTA, assets=())).replace(b'"assets":[]', b'"assets":[%b]' % many))


@given(st.binary(max_size=300) | st.integers(0, 2000).map(lambda at: facts.encode(DELTA)[:at]))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        facts.decode(content)


@given(st.integers(0, 1500), st.binary(min_size=1, max_size=4))
def test_no_damage_raises_anything_else(at: int, put: bytes) -> None:
    content = facts.encode(DELTA)
    with suppress(Malformed):
        facts.decode(content[:at] + put + content[at + len(put) :])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | refs,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "key", "of", "how"]), inner),
    max_leaves=8,
)


@given(st.sampled_from([*facts.FactsDocument.__struct_fields__]), json_values)
def test_no_value_in_any_field_raises_anything_else(name: str, value: object) -> None:
    with suppress(Malformed):
        facts.decode(said(lambda it: it.update({name: value})))


def test_the_published_schema_is_the_one_of_the_structs() -> None:
    published = json.loads(Path(facts.__file__).with_name("facts.schema.json").read_bytes())
    assert published == json.loads(json.dumps(facts.schema()))
    jsonschema.Draft202012Validator.check_schema(published)


def test_example_and_documents_of_the_synthetic_sensor_fit_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(facts.schema())
    sensor = SyntheticSensor(3, containers=2, pods=True)
    for content in (EXAMPLE.read_bytes(), facts.encode(DELTA), sensor.document(), sensor.document()):
        validator.validate(json.loads(content))
        facts.decode(content)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads(said(lambda it: it["assets"][0].update(kind="satellite"))))


def test_a_document_of_ordinary_size_is_small() -> None:
    sensor = SyntheticSensor(containers=10)
    full, delta = sensor.document(), sensor.document()
    assert len(full) < 60_000
    assert len(delta) < 20_000
    assert msgspec.json.decode(delta)["kind"] == "delta"

"""What the shared readers of foreign text give, and that each of them only ever raises `Malformed`."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog import text
from rightshift.errors import Malformed

READERS = (
    text.decoded,
    text.json_document,
    text.jsonc_document,
    text.toml_document,
    text.yaml_documents,
    text.xml_root,
)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert [
        text.decoded(mark + body)
        for mark, body in ((b"\xef\xbb\xbf", b"a"), (b"\xff\xfe", b"a\0"), (b"\xfe\xff", b"\0a"))
    ] == ["a"] * 3
    assert text.json_document("\ufeff{}".encode()) == {}
    assert text.json_document('{"é": 1}'.encode("utf-16")) == {"é": 1}


def test_of_equal_json_keys_the_last_one_wins() -> None:
    assert text.json_document(b'{"a": 1, "a": 2}') == {"a": 2}


def test_half_of_a_surrogate_pair_costs_that_character_only() -> None:
    assert text.json_document(rb'["\ud800", "\udc00a", "\ud83d\ude00", "\\ud800"]') == [
        "\ufffd",
        "\ufffda",
        "\U0001f600",
        r"\ufffd",
    ]


def test_comments_and_a_last_comma_are_left_out_but_never_inside_a_string() -> None:
    assert text.jsonc_document(b'{"a//b": ["/*,]", 1, /* x */ ], // y\n "c": "\\",}",\n // z\n}') == {
        "a//b": ["/*,]", 1],
        "c": '",}',
    }


def test_a_yaml_version_is_the_text_that_was_written() -> None:
    assert text.yaml_documents(b'a: 1.10\nb: 2024-01-01\nc: true\nd: ~\ne: "true"\nf: [0x1F, 007]') == [
        {"a": "1.10", "b": "2024-01-01", "c": True, "d": None, "e": "true", "f": ["0x1F", "007"]}
    ]


def test_a_yaml_stream_gives_each_document() -> None:
    assert text.yaml_documents(b"a: 1\n---\n- &x [b]\n- *x\n---\n") == [{"a": "1"}, [["b"], ["b"]], None]
    assert text.yaml_documents(b"") == []


def test_yaml_aliases_that_multiply_are_refused() -> None:
    lines = [b"a0: &a0 [" + b"x," * 9 + b"]"]
    lines += [b"a%d: &a%d [%s]" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)]
    with pytest.raises(Malformed, match="values"):
        text.yaml_documents(b"\n".join(lines))


def test_xml_tags_are_without_their_namespace() -> None:
    root = text.xml_root(b'<p:a xmlns:p="urn:q" p:k="1"><p:b>t</p:b><c xmlns="urn:r"/></p:a>')
    assert [element.tag for element in root.iter()] == ["a", "b", "c"]
    assert root.attrib == {"xmlns:p": "urn:q", "k": "1"}


def test_an_outside_document_type_is_never_followed() -> None:
    assert text.xml_root(b'<!DOCTYPE plist PUBLIC "-//x" "file:///etc/passwd"><plist>&x;</plist>').text is None


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        (text.decoded, b"\xff"),
        (text.decoded, b"\xff\xfea"),
        (text.json_document, b""),
        (text.json_document, b'{"a": NaN}'),
        (text.json_document, b"9" * 1_000_000),
        (text.json_document, b"[" * 1_000_000),
        (text.json_document, b"[" + b"[]," * text.NODES + b"1]"),
        (text.toml_document, b"a = " + b"[" * 99_999),
        (text.toml_document, b"a = " + b"9" * 5_000),
        (text.toml_document, b"a = {a" + b".a" * 50_000 + b" = 1}"),
        (text.yaml_documents, b"[" * 1_000_000),
        (text.yaml_documents, b"&a [*a]"),
        (text.yaml_documents, b"? [a]\n: 1"),
        (text.yaml_documents, b"a: \x01"),
        (text.yaml_documents, b"- x\n" * (text.YAML_NODES + 1)),
        (text.xml_root, b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'),
        (text.xml_root, b"<a>" * 1_000),
        (text.xml_root, b'<?xml version="1.0" encoding="hex"?><a/>'),
        (text.xml_root, b'<?xml version="1.0" encoding="utf-7"?><a/>'),
        (text.xml_root, b"<a/><b/>"),
    ],
)
def test_what_is_wrong_or_without_bounds_is_malformed(reader: object, content: bytes) -> None:
    assert callable(reader)
    with pytest.raises(Malformed):
        reader(content)


@given(
    st.sampled_from(READERS),
    st.binary(max_size=300) | st.text("[]{}&*!-:,\"'<>a1 \n\t#|%?=.", max_size=80).map(str.encode),
)
def test_no_bytes_raise_anything_else(reader: object, content: bytes) -> None:
    assert callable(reader)
    with suppress(Malformed):
        reader(content)

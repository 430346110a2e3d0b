"""OpenVEX documents. The statements themselves: `statement.py`."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

from rightshift.assess.vex.statement import Product, Statement, Status
from rightshift.errors import Malformed

LIMIT_BYTES = 16 << 20
_MOST_STATEMENTS = 50_000
_MOST_PRODUCTS = 200_000
"""Products and their parts in one document."""
_LONGEST_TEXT = 4_096
_CONTEXT = "https://openvex.dev/ns"
_STATUSES: dict[str, Status] = {status: status for status in get_args(Status)}
_HASHES = {"sha-256": "sha256", "sha-512": "sha512", "sha-1": "sha1", "sha256": "sha256", "sha512": "sha512"}


class MalformedVex(Malformed):
    """Not an OpenVEX document, or a statement without vulnerability, product, known status or time."""


def read(content: bytes) -> tuple[Statement, ...]:
    """
    The statements of one document, in its order. What a statement does not say itself it takes from the document.

    Reads 0.2.0 and the older 0.0.1, where products are plain texts and parts stand beside them.

    Raises: MalformedVex, for the whole document: half of somebody's verdicts would be another verdict.
    Source: OpenVEX Specification 0.2.0, "OpenVEX Document" and "Statements"; 0.0.1 for the older shape.
    """
    if len(content) > LIMIT_BYTES:
        raise MalformedVex(f"longer than {LIMIT_BYTES >> 20} MiB")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, a number too long, nested too deep
        raise MalformedVex("not JSON") from error
    if not isinstance(document, dict) or not _text(document, "@context").startswith(_CONTEXT):
        raise MalformedVex("not an OpenVEX document: its @context is missing or another one")
    statements = document.get("statements")
    if not isinstance(statements, list) or len(statements) > _MOST_STATEMENTS:
        raise MalformedVex(f"`statements` is not a list of at most {_MOST_STATEMENTS}")
    budget = _MOST_PRODUCTS
    found = []
    for number, entry in enumerate(statements, 1):
        if not isinstance(entry, dict):
            raise MalformedVex(f"statement {number} is not an object")
        statement = _statement(number, entry, document)
        budget -= sum(1 + len(product.parts) for product in statement.products)
        if budget < 0:
            raise MalformedVex(f"more than {_MOST_PRODUCTS} products")
        found.append(statement)
    return tuple(found)


def _statement(number: int, entry: dict[str, object], document: dict[str, object]) -> Statement:
    status = _STATUSES.get(_text(entry, "status"))
    if status is None:
        raise MalformedVex(f"statement {number} has no status that is known")
    vulnerabilities = tuple(dict.fromkeys(_vulnerabilities(entry.get("vulnerability"))))
    products = tuple(_products(entry))
    if not vulnerabilities or not products:
        raise MalformedVex(f"statement {number} names no {'product' if vulnerabilities else 'vulnerability'}")
    times = [_text(entry, "last_updated"), _text(entry, "timestamp")]
    times += [_text(document, "last_updated"), _text(document, "timestamp")]
    said_at = _time(next((time for time in times if time), ""))
    if said_at is None:
        raise MalformedVex(f"statement {number} has no time that can be read")
    notes = (_text(entry, name) for name in ("impact_statement", "action_statement", "status_notes", "statement"))
    return Statement(
        vulnerabilities=vulnerabilities,
        products=products,
        status=status,
        said_at=said_at,
        justification=_text(entry, "justification"),
        explanation=next((note for note in notes if note), ""),
        document=_text(document, "@id"),
        author=_text(document, "author"),
    )


def _vulnerabilities(named: object) -> Iterator[str]:
    match named:
        case str():
            yield from filter(None, [named.strip().upper()[:_LONGEST_TEXT]])
        case dict():
            names: list[object] = [named.get("name"), *_list(named.get("aliases"))]
            for name in names:
                if isinstance(name, str) and name.strip():
                    yield name.strip().upper()[:_LONGEST_TEXT]
            if not isinstance(named.get("name"), str) and (address := _text(named, "@id")):
                yield address.rstrip("/").rpartition("/")[2].upper()
        case _:
            return


def _products(entry: dict[str, object]) -> Iterator[Product]:
    beside = tuple(ids for part in _list(entry.get("subcomponents")) if (ids := _ids(part)))
    for product in _list(entry.get("products")):
        ids = _ids(product)
        if not ids:
            raise MalformedVex("a product without anything that identifies it")
        inside = _list(product.get("subcomponents")) if isinstance(product, dict) else []
        parts = tuple(_ids(part) for part in inside)
        if not all(parts):
            raise MalformedVex("a subcomponent without anything that identifies it")
        yield Product(ids=ids, parts=parts or beside)


def _ids(component: object) -> tuple[str, ...]:
    if isinstance(component, str):
        component = {"@id": component}
    if not isinstance(component, dict):
        return ()
    ids = [_text(component, "@id")]
    identifiers = component.get("identifiers")
    if isinstance(identifiers, dict):
        ids += [_text(identifiers, "purl")]
    hashes = component.get("hashes")
    if isinstance(hashes, dict):
        ids += [f"{_HASHES[kind]}:{_text(hashes, kind).lower()}" for kind in hashes if kind in _HASHES]
    return tuple(dict.fromkeys(text for text in ids if text))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(table: dict[str, object], name: str) -> str:
    value = table.get(name)
    return value.strip()[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _time(text: str) -> datetime | None:
    """A time without a zone is UTC's."""
    try:
        said_at = datetime.fromisoformat(text)
        return said_at.replace(tzinfo=UTC) if said_at.tzinfo is None else said_at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

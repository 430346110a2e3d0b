"""VEX: what those who know a product say of vulnerabilities in it. What oneself decides: `acceptances`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from litestar import Request, Response, delete, get, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotFoundException
from litestar.openapi.spec import Operation
from litestar.params import QueryParameter, RawBody
from msgspec import Meta, Struct

from rightshift.assess.vex import openvex
from rightshift.assess.vex.statement import Statement as Said
from rightshift.console.api import files
from rightshift.console.api.examples import documents
from rightshift.console.api.names import END
from rightshift.console.api.pages import TEXT_CHARS, After, Limit, known
from rightshift.console.api.refusals import refusals
from rightshift.console.auth.permission import Actor, Permission, Requires
from rightshift.console.store import audit
from rightshift.console.store.audit import Line
from rightshift.console.store.pool import Connection, Pool
from rightshift.console.store.read import acceptances
from rightshift.console.store.read.acceptances import Statement
from rightshift.console.store.wishes import acceptances as wishes
from rightshift.errors import Malformed

DOCUMENT_BYTES = 4 << 20
ROWS = 20_000
"""Statements times products times packages; larger documents are given in pieces."""
_TEXT_CHARS = 2_000
_Name = Annotated[str, Meta(min_length=1, max_length=300, pattern=f"^[^\x00-\x1f\x7f]*{END}")]


class Statements(Struct, frozen=True):
    """Statements by document."""

    items: list[Statement]
    next: Annotated[str | None, Meta(description="Give it as `after` for the next page; null at the end")]


class Document(Struct, frozen=True):
    """A document that is kept."""

    name: str
    statements: Annotated[int, Meta(description="One for each product, and package in it, that a statement names")]


class _Place(NamedTuple):
    document: str
    id: UUID


_LIST = files.Rows("vex", Statement, _Place, lambda row: _Place(row.document, row.id))


@get(
    "/vex",
    guards=[Requires(Permission.FINDINGS_READ), known],
    tags=["vex"],
    summary="List statements of VEX",
    operation_class=files.Listing,
    responses=refusals(406, 413),
)
async def list_statements(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    document: Annotated[str | None, QueryParameter(max_length=TEXT_CHARS, description="Of this document")] = None,
    limit: Limit = 50,
    after: After = None,
    format: files.Format = None,
) -> Response[Statements]:
    """Statements of the caller's teams, and those that decide on something in their scope."""
    scope = request.user.scope

    async def ask(connection: Connection, last: _Place | None, most: int) -> list[Statement]:
        return await acceptances.statements(connection, scope, document=document, limit=most, after=last)

    return await files.answer(request, pool, now, _LIST, ask, Statements, limit=limit, after=after, format=format)


@dataclass
class VexBody(Operation):
    """The description of a document's body, which is read as it is."""

    def __post_init__(self) -> None:
        """Puts it in place of bytes of any kind."""
        self.request_body = documents({"application/json": _OPENVEX})


@put(
    "/vex",
    operation_class=VexBody,
    guards=[Requires(Permission.FINDINGS_ACCEPT), known],
    tags=["vex"],
    summary="Put a document of VEX",
    request_max_body_size=DOCUMENT_BYTES,
    responses=refusals(413),
)
async def put_document(
    request: Request[Actor, Any, Any],
    body: RawBody,
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    document: Annotated[_Name, QueryParameter(description="The name under which it is kept")],
) -> Document:
    """
    Keeps an OpenVEX document; one of the same name and scope is replaced. Nothing of it is kept if a part is wrong.

    It decides on what is in the caller's scope: `not_affected` and `fixed` rule a finding out.
    """
    actor = request.user
    try:
        statements = [row for said in openvex.read(body) for row in _rows(said)]
    except Malformed as error:
        raise HTTPException(status_code=400, detail=f"This is no OpenVEX document: {error}") from error
    if len(statements) > ROWS:
        raise HTTPException(status_code=413, detail=f"More than {ROWS} statements on products: give it in pieces")
    if actor.scope.teams is not None and not actor.scope.teams:
        raise NotFoundException("There is nothing in your scope")
    async with pool.connection() as connection, connection.transaction():
        await wishes.put_statements(connection, document, statements, actor.scope, now)
        await audit.add(connection, _line(actor, "vex.put", document, {"statements": len(statements)}), now)
    return Document(document, len(statements))


@delete(
    "/vex",
    guards=[Requires(Permission.FINDINGS_ACCEPT), known],
    tags=["vex"],
    summary="Remove a document of VEX",
    responses=refusals(404),
)
async def remove_document(
    request: Request[Actor, Any, Any],
    pool: NamedDependency[Pool],
    now: NamedDependency[datetime],
    document: Annotated[_Name, QueryParameter(description="The name under which it is kept")],
) -> None:
    """What it decided on is open again at once."""
    async with pool.connection() as connection, connection.transaction():
        removed = await wishes.remove_document(connection, request.user.scope, document)
        if not removed:
            raise NotFoundException("There is no such document of yours")
        await audit.add(connection, _line(request.user, "vex.remove", document, {"statements": removed}), now)


def _rows(said: Said) -> list[wishes.Statement]:
    cves = [name for name in said.vulnerabilities if name.startswith("CVE-")]
    return [
        wishes.Statement(
            product=_text(product),
            package=_text(package),
            advisory=_text((cves or list(said.vulnerabilities))[0]),
            status=said.status,
            justification=_text(said.justification or said.explanation),
            said=said.said_at.isoformat(),
            author=_text(said.author),
        )
        for one in said.products
        for product in one.ids
        for package in ([id for part in one.parts for id in part] or [""])
    ]


def _text(text: str) -> str:
    return text.replace("\x00", "\ufffd")[:_TEXT_CHARS]


def _line(actor: Actor, action: str, target: str, after: audit.Values) -> Line:
    return Line(
        actor=actor.name, actor_kind=actor.kind, action=action, target=target, address=actor.address, after=after
    )


_OPENVEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.org/vex/shop-2026-01",
    "author": "The shop",
    "timestamp": "2026-01-04T08:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "CVE-2026-10001"},
            "products": [{"@id": "pkg:oci/web", "subcomponents": [{"@id": "pkg:deb/debian/libssl3"}]}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }
    ],
}
EXAMPLES = (
    Statements(
        [
            Statement(
                id=UUID("0197a1f0-5c3e-4d5c-9a51-2f6f8e1b7ca1"),
                document="shop-2026-01",
                product="pkg:oci/web",
                package="pkg:deb/debian/libssl3",
                advisory="CVE-2026-10001",
                status="not_affected",
                justification="vulnerable_code_not_in_execute_path",
                said="2026-01-04T08:00:00+00:00",
                author="The shop",
                created=datetime(2026, 1, 5, 12, tzinfo=UTC),
                findings=3,
            )
        ],
        None,
    ),
    Document("shop-2026-01", 1),
)

ROUTES = (list_statements, put_document, remove_document)

"""Findings as their callers see them: pages, filters, files, and never those of another team."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import httpx
import openpyxl
import pytest

from rightshift.console.auth.permission import Permission
from tests.console.api.conftest import As, Clock
from tests.console.api.walking import walk
from tests.console.populate import NOW, Estate, fill

READS = {Permission.FINDINGS_READ, Permission.EXPORT_READ}
TEAM = UUID(int=1)
HOSTILE = '=cmd|"/c calc"!A1\x1b[31m'


@pytest.fixture
def estate(database: str, clock: Clock) -> datetime:
    fill(database, Estate(inventories=15, packages=40, advisories=60, per_inventory=12))
    clock.now = NOW
    return NOW


@pytest.fixture
async def reader(estate: datetime, as_token: As) -> httpx.AsyncClient:
    return await as_token(READS)


async def test_pages_hold_every_finding_once_best_first(reader: httpx.AsyncClient) -> None:
    rows = await walk(reader, "/api/v1/findings", limit=100)
    assert len({row["id"] for row in rows}) == len(rows) > 200
    points = [row["points"] for row in rows]
    assert points == sorted(points, reverse=True)  # type: ignore[type-var]
    assert {row["state"] for row in rows} == {"open"}


@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx"])
async def test_a_file_has_the_rows_of_the_list(reader: httpx.AsyncClient, format: str, tmp_path: Path) -> None:
    rows = await walk(reader, "/api/v1/findings", limit=1000, severity="high")
    answer = await reader.get("/api/v1/findings", params={"format": format, "severity": "high"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="findings-2026-11-24.{format}"'
    if format == "csv":
        found = [row["id"] for row in csv.DictReader(io.StringIO(answer.text))]
    elif format == "jsonl":
        found = [json.loads(line)["id"] for line in answer.text.splitlines()]
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        assert sheet is not None
        found = [row[0] for row in list(sheet.iter_rows(values_only=True))[1:]]
    assert found == [row["id"] for row in rows]


async def test_what_is_accepted_decides_the_format(reader: httpx.AsyncClient) -> None:
    async def kind(accept: str) -> str:
        answer = await reader.get("/api/v1/findings", headers={"Accept": accept})
        return str(answer.status_code) + " " + answer.headers["content-type"].partition(";")[0]

    assert await kind("text/csv") == "200 text/csv"
    assert await kind("text/html, */*") == "200 application/json"
    assert await kind("image/png") == "406 application/problem+json"


async def test_text_of_scanned_things_is_no_formula(reader: httpx.AsyncClient, rows: object) -> None:
    rows("UPDATE advisory SET summary = %s", HOSTILE)  # type: ignore[operator]
    answer = await reader.get("/api/v1/findings", params={"format": "csv"})
    cells = {row["summary"] for row in csv.DictReader(io.StringIO(answer.text))}
    assert cells == {'\'=cmd|"/c calc"!A1\\x1b[31m'}
    answer = await reader.get("/api/v1/findings", params={"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    column = [cell.value for cell in sheet[1]].index("summary")
    cell = sheet.cell(2, column + 1)
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


async def test_a_file_needs_its_permission_and_is_written_down(estate: datetime, as_token: As, rows: object) -> None:
    without = await as_token({Permission.FINDINGS_READ})
    assert (await without.get("/api/v1/findings", params={"format": "csv"})).status_code == 403
    having = await as_token(READS)
    assert (await having.get("/api/v1/findings", params={"format": "csv", "kev": "true"})).status_code == 200
    ((target, after),) = rows("SELECT target, after FROM audit WHERE action = 'exports.make'")  # type: ignore[operator]
    assert (target, after) == ("findings", {"format": "csv", "query": "format=csv&kev=true"})


async def test_what_is_no_parameter_is_refused(as_token: As) -> None:
    asking = await as_token(READS)
    for query in (
        "limit=0", "limit=1001", "limit=x", "nonsense=1", "pool=1", "after=AAAA", "after=!", "severity=terrible",
        "epss_min=2", "unit=5", "package=%00", "text=%00", "since=yesterday", "state=gone", "format=pdf",
        "running=maybe", "after=lc8AAAABAAAAAAABAgME",
    ):  # fmt: skip
        answer = await asking.get(f"/api/v1/findings?{query}")
        assert answer.status_code == 400, (query, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_of_other_teams_nothing_is_there(estate: datetime, as_token: As, rows: object) -> None:
    ours = {str(uid) for (uid,) in rows(  # type: ignore[operator]
        "SELECT uid FROM asset WHERE id IN (SELECT asset_id FROM asset_team WHERE team_id = %s)", TEAM
    )}  # fmt: skip
    theirs = await as_token(READS, frozenset({TEAM}))
    found = {row["unit"] for row in await walk(theirs, "/api/v1/findings", limit=1000)}
    assert found
    assert found <= ours
    nobody = await as_token(READS, frozenset())
    assert await walk(nobody, "/api/v1/findings") == []
    exported = await theirs.get("/api/v1/findings", params={"format": "jsonl"})
    assert {json.loads(line)["unit"] for line in exported.text.splitlines()} == found

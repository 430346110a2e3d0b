"""Bills of other tools become scan documents, read in a child that keeps to the scanner's budgets."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.ingest import sboms
from rightshift.console.ingest.scans import RefusedScan
from rightshift.scan.budget import Budget

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64
CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {"timestamp": "2026-01-02T03:04:05Z", "component": {"type": "application", "name": "shop"}},
    "components": [
        {"type": "library", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0"},
        {"type": "library", "name": "nameless"},
    ],
}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "name": "shop",
    "creationInfo": {"created": "2026-01-02T03:04:05Z"},
    "packages": [
        {
            "SPDXID": "SPDXRef-1",
            "name": "requests",
            "versionInfo": "2.31.0",
            "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/requests@2.31.0"}],
        }
    ],
}


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("content_type", "content", "kind"),
    [
        ("application/vnd.cyclonedx+json", b"", "cyclonedx"),
        ("application/vnd.cyclonedx+json; version=1.5", b"", "cyclonedx"),
        ("Application/SPDX+json", b"", "spdx"),
        ("application/json", encoded(CYCLONEDX), "cyclonedx"),
        ("application/json; charset=utf-8", encoded(SPDX), "spdx"),
        ("", encoded(CYCLONEDX), "cyclonedx"),
        ("application/json", b'{"schema": "rightshift/scan/1", "bomFormat": "CycloneDX"}', "rightshift"),
        ("application/json", b"[" * 100_000, "rightshift"),
        ("application/json", b"\xff", "rightshift"),
    ],
    ids=range(9),
)
def test_what_a_body_is(content_type: str, content: bytes, kind: str) -> None:
    assert sboms.kind_of(content_type, content) == kind


@pytest.mark.parametrize("content_type", ["text/spdx", "application/vnd.cyclonedx+xml", "text/html", "application/xml"])
def test_what_is_not_read_here_is_said(content_type: str) -> None:
    with pytest.raises(sboms.UnknownType):
        sboms.kind_of(content_type, encoded(CYCLONEDX))


@pytest.mark.parametrize(("kind", "content"), [("cyclonedx", CYCLONEDX), ("spdx", SPDX)])
def test_a_bill_says_what_it_is_about_and_its_sender_knows_better(kind: sboms.Kind, content: object) -> None:
    own = sboms.bill(encoded(content), kind, "", NOW)
    assert (own.kind, own.name, own.created[:19]) == ("sbom", "shop", "2026-01-02T03:04:05")
    said = sboms.bill(encoded(content), kind, "web", NOW)
    assert (said.kind, said.name) == ("sbom", "web")
    image = sboms.bill(encoded(content), kind, f"image:{DIGEST}", NOW)
    assert (image.kind, image.image) == ("image", DIGEST)
    assert len({own.id, said.id, image.id, sboms.bill(encoded(content), kind, "", NOW).id}) == 3


@pytest.mark.parametrize("content", [b"{}", b'{"metadata": 1}', b"\xff", b"[" * 100_000])
def test_a_bill_about_nothing_is_refused(content: bytes) -> None:
    with pytest.raises(RefusedScan, match="asset"):
        sboms.bill(content, "cyclonedx", "", NOW)
    assert sboms.bill(content, "cyclonedx", "web", NOW).created == NOW.isoformat()


async def test_a_bill_becomes_a_scan_document() -> None:
    document = await sboms.read(sboms.bill(encoded(CYCLONEDX), "cyclonedx", "", NOW))
    assert (document.subject.kind, document.subject.name, document.status) == ("sbom", "shop", "partial")
    assert [(one.purl, one.state) for one in document.packages] == [("pkg:npm/left-pad@1.3.0", "claimed")]
    document = await sboms.read(sboms.bill(encoded(SPDX), "spdx", f"image:{DIGEST}", NOW))
    assert (document.subject.kind, document.subject.id) == ("image", DIGEST)
    assert [one.name for one in document.packages] == ["requests"]


@pytest.mark.check("L14")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"{}",
        b"null",
        b"[" * 1_000_000,
        b'{"bomFormat": "CycloneDX", "components": ' + b'[{"components": ' * 100_000,
        b'{"bomFormat": "CycloneDX", "components": 7}',
        b'{"bomFormat": "CycloneDX", "specVersion": ' + b"9" * 1_000_000 + b"}",
        b'<bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>',
        b"SPDXVersion: SPDX-2.3\n",
    ],
    ids=range(10),
)
async def test_what_can_not_be_read_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(RefusedScan) as raised:
        await sboms.read(sboms.bill(content, "cyclonedx", "web", NOW))
    assert str(raised.value)
    assert "Traceback" not in str(raised.value)


@pytest.mark.check("L14")
async def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sboms, "BUDGET", Budget(total_s=0))
    monkeypatch.setattr(sboms, "GRACE_S", 0)
    with pytest.raises(RefusedScan, match="too long"):
        await sboms.read(sboms.bill(encoded(CYCLONEDX), "cyclonedx", "web", NOW))


async def test_whoever_goes_away_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[asyncio.subprocess.Process] = []
    really = asyncio.create_subprocess_exec

    async def watched(*arguments: object, **more: object) -> asyncio.subprocess.Process:
        made.append(await really(*arguments, **more))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    task = asyncio.create_task(sboms.read(sboms.bill(encoded(CYCLONEDX), "cyclonedx", "web", NOW)))
    while not made:
        await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert made[0].returncode is not None


@given(st.binary(max_size=200), st.sampled_from(["cyclonedx", "spdx", "rightshift"]))
def test_no_bytes_raise_anything_else(content: bytes, kind: sboms.Kind) -> None:
    assert sboms.kind_of("", content)
    with suppress(RefusedScan):
        sboms.bill(content, kind, "", NOW)

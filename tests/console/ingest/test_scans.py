"""What is kept of a scan document, and which asset it is about."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rightshift.console.ingest import scans
from rightshift.console.ingest.scans import RefusedScan, Sent
from rightshift.documents.scan import Subject
from tests.console.documents import deb, document, image, npm

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
CI = Sent(by="ci")
HOST = Subject(kind="host", name="host:")


def test_an_image_is_known_by_its_configuration() -> None:
    prepared = scans.prepare(document("1", image(7)), Sent(by="ci", asset="other"), NOW)
    assert (prepared.scan.kind, prepared.scan.key) == ("image", f"sha256:{7:064x}")


def test_what_has_no_identity_is_known_by_the_name_that_is_given() -> None:
    assert scans.prepare(document("1", HOST), Sent(by="ci", asset="web-1"), NOW).scan.key == "web-1"
    assert scans.prepare(document("1", HOST), CI, NOW).scan.key == "host:"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"created": "yesterday"}, "when"),
        ({"created": "2026-13-01T00:00:00Z"}, "when"),
        ({"subject": Subject(kind="directory", name=" ")}, "name"),
        ({"subject": Subject(kind="directory", name="x" * 1_001)}, "name"),
        ({"subject": Subject(kind="directory", name="\U0001f994" * 251)}, "name"),
    ],
)
def test_what_is_refused(changed: dict[str, object], said: str) -> None:
    from msgspec.structs import replace

    with pytest.raises(RefusedScan, match=said):
        scans.prepare(replace(document("1", HOST), **changed), CI, NOW)


def test_a_clock_that_is_ahead_makes_nothing_newer_than_now() -> None:
    made = scans.prepare(document("1", HOST, created="2031-01-01T00:00:00Z"), CI, NOW).scan.made
    assert made == NOW + scans.AHEAD


def test_a_version_that_is_there_in_two_ways_is_one_with_the_better_proof() -> None:
    one, two = npm("a", "1", dev=True), npm("a", "1", state="installed", locations=("node_modules/a/package.json",))
    for packages in ((one, two), (two, one)):
        (held,) = scans.prepare(document("1", HOST, *packages), CI, NOW).contents.packages
        assert (held.state, held.dev, set(held.locations)) == ("installed", False, {*one.locations, *two.locations})


def test_the_same_contents_have_one_digest_in_any_order() -> None:
    packages = [deb("a", "1"), npm("b", "2"), deb("c", "3")]
    digests = {
        scans.prepare(document(id, HOST, *order), CI, NOW).contents.digest
        for id, order in (("1", packages), ("2", packages[::-1]))
    }
    assert len(digests) == 1
    other = scans.prepare(document("1", HOST, *packages, deb("d", "1")), CI, NOW).contents.digest
    assert other not in digests


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "2"},
        {"source": None},
        {"distro": None},
        {"arch": "arm64"},
        {"owner": "pkg:deb/debian/x@1"},
        {"origin": "git"},
        {"not_installed": True},
        {"modularity": "m:1"},
        {"namespace": "n"},
    ],
)
def test_whatever_matching_looks_at_makes_another_version(changed: dict[str, Any]) -> None:
    one = scans.prepare(document("1", HOST, deb("a", "1")), CI, NOW).contents.packages[0].version
    two = (
        scans.prepare(document("1", HOST, deb(**({"name": "a", "version": "1"} | changed))), CI, NOW)
        .contents.packages[0]
        .version
    )
    assert one.key != two.key
    assert two.matchable is not bool({"owner", "origin", "not_installed"} & changed.keys())


@pytest.mark.parametrize(
    "changed", [{"locations": ("x",)}, {"state": "locked"}, {"licenses": ("MIT",)}, {"evidence": "file name"}]
)
def test_what_it_does_not_look_at_makes_none(changed: dict[str, Any]) -> None:
    one = scans.prepare(document("1", HOST, deb("a", "1")), CI, NOW).contents
    two = scans.prepare(document("1", HOST, deb(**({"name": "a", "version": "1"} | changed))), CI, NOW).contents
    assert one.packages[0].version == two.packages[0].version
    assert one.digest != two.digest

"""Which matches a statement rules out: by advisory, by package or subject, by who spoke last."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.assess.vex.apply import apply, reason
from rightshift.assess.vex.statement import Product, Statement, Status
from rightshift.model.advisory import Match
from rightshift.model.inventory import Subject
from rightshift.model.known import Known
from rightshift.model.package import Distro, Package

CURL = Package(ecosystem="deb", name="curl", version="7.88.1-10", arch="amd64", distro=Distro("debian", "12"))
MATCH = Match(
    package=CURL,
    id="CVE-2026-0001",
    aliases=("GHSA-aaaa-bbbb-cccc",),
    records=("DEBIAN-CVE-2026-0001",),
    rule="",
    certain=Known.YES,
)
DIGEST = "sha256:" + "a" * 64
IMAGE = Subject(
    kind="image",
    name="registry.example.org:5000/team/app:1.2",
    id="sha256:" + "c" * 64,
    aliases=(DIGEST,),
    tags=("registry.example.org:5000/team/app:1.2", "app:latest"),
)
STATUSES: list[Status] = ["not_affected", "affected", "fixed", "under_investigation"]


def says(
    status: Status = "not_affected",
    product: str = "pkg:deb/debian/curl",
    part: str = "",
    vulnerability: str = "CVE-2026-0001",
    day: int = 1,
) -> Statement:
    return Statement(
        vulnerabilities=(vulnerability.upper(),),
        products=(Product(ids=(product,), parts=((part,),) if part else ()),),
        status=status,
        said_at=datetime(2026, 1, day, tzinfo=UTC),
    )


def rules_out(statements: list[Statement], subject: Subject | None = None) -> bool:
    kept, out = apply([MATCH], statements, subject)
    assert len(kept) + len(out) == 1
    return bool(out)


@pytest.mark.parametrize(
    ("status", "out"), [("not_affected", True), ("fixed", True), ("affected", False), ("under_investigation", False)]
)
def test_only_a_verdict_of_safe_rules_out(status: Status, out: bool) -> None:
    assert rules_out([says(status)]) is out


@pytest.mark.parametrize("name", ["CVE-2026-0001", "cve-2026-0001", "GHSA-aaaa-bbbb-cccc", "DEBIAN-CVE-2026-0001"])
def test_any_id_of_the_group_names_it(name: str) -> None:
    assert rules_out([says(vulnerability=name)])


@pytest.mark.parametrize(
    ("product", "out"),
    [
        ("pkg:deb/debian/curl", True),
        ("pkg:deb/debian/curl@7.88.1-10", True),
        ("pkg:deb/debian/curl@7.88.1-10?arch=amd64", True),
        ("pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12", True),
        ("pkg:deb/debian/curl@7.88.1-11", False),
        ("pkg:deb/debian/curl?arch=arm64", False),
        ("pkg:deb/ubuntu/curl", False),
        ("pkg:deb/debian/libcurl4", False),
        ("curl", False),
    ],
)
def test_a_product_may_be_the_package(product: str, out: bool) -> None:
    assert rules_out([says(product=product)]) is out
    assert not rules_out([says(product=product, vulnerability="CVE-2026-0002")])


@pytest.mark.parametrize(
    ("product", "out"),
    [
        (DIGEST, True),
        (IMAGE.id, True),
        ("app:latest", True),
        ("pkg:oci/app@" + DIGEST.replace(":", "%3A"), True),
        ("pkg:oci/app@" + DIGEST.replace(":", "%3A") + "?repository_url=elsewhere.example.org/app", True),
        ("pkg:oci/app", True),
        ("pkg:oci/app?repository_url=registry.example.org:5000/team/app", True),
        ("pkg:oci/app?repository_url=registry.example.org:5000/team/app&tag=1.2", True),
        ("pkg:oci/app?repository_url=registry.example.org:5000/team/app&tag=1.3", False),
        ("pkg:oci/app?repository_url=other.example.org/team/app", False),
        ("pkg:oci/app@sha256%3A" + "b" * 64, False),
        ("pkg:oci/other", False),
        ("sha256:" + "b" * 64, False),
    ],
)
def test_a_product_may_be_the_subject_with_the_package_as_its_part(product: str, out: bool) -> None:
    assert rules_out([says(product=product)], IMAGE) is out
    assert rules_out([says(product=product, part="pkg:deb/debian/curl")], IMAGE) is out
    assert not rules_out([says(product=product, part="pkg:deb/debian/wget")], IMAGE)
    assert not rules_out([says(product=product)])


def test_a_part_of_another_product_says_nothing_of_the_package() -> None:
    assert not rules_out([says(product="pkg:oci/other", part="pkg:deb/debian/curl")], IMAGE)
    assert not rules_out([says(product="pkg:deb/debian/curl", part="pkg:deb/debian/curl")], IMAGE)


def test_a_folder_has_no_repository() -> None:
    assert not rules_out([says(product="pkg:oci/app")], replace(IMAGE, kind="directory"))


@pytest.mark.parametrize("first", STATUSES)
@pytest.mark.parametrize("last", STATUSES)
def test_the_latest_holds_and_of_equals_the_last(first: Status, last: Status) -> None:
    out = last in ("not_affected", "fixed")
    assert rules_out([says(first, day=1), says(last, day=2)]) is out
    assert rules_out([says(last, day=2), says(first, day=1)]) is out
    assert rules_out([says(first), says(last)]) is out


@given(st.permutations([says(status, day=day) for day, status in enumerate(STATUSES, 1)]))
def test_statements_of_different_times_may_come_in_any_order(statements: list[Statement]) -> None:
    assert not rules_out(statements)


def test_others_stay_in_their_order() -> None:
    others = [replace(MATCH, id=f"CVE-2026-1{at}", aliases=(), records=()) for at in range(3)]
    kept, out = apply([others[0], MATCH, others[2], others[1]], [says()])
    assert kept == (others[0], others[2], others[1])
    assert [each.match for each in out] == [MATCH]


def test_the_reason_is_one_line_with_who_said_so() -> None:
    statement = replace(
        says(), justification="component_not_present", explanation="not\nbuilt in", author="Example Org", document="d-1"
    )
    assert reason(statement) == "not affected: component not present: not built in (Example Org in d-1)"
    assert reason(says("fixed")) == "fixed"
    assert apply([MATCH], [statement])[1][0].reason == reason(statement)

"""Ids of findings: the same for the same, told apart, and nothing that somebody made up."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.store.finding_ids import Finding, Ids

KEY, OTHER = b"0123456789abcdef", b"0123456789abcdeg"
number = st.integers(-(2**31), 2**31 - 1)
findings = st.builds(Finding, number, number, number)


@given(findings)
def test_an_id_leads_back_to_what_it_is_about(finding: Finding) -> None:
    id = Ids(KEY).encode(finding)
    assert Ids(KEY).encode(finding) == id
    assert Ids(KEY).decode(id) == finding
    assert Ids(OTHER).encode(finding) != id


@given(findings, st.integers(0, 127))
def test_one_bit_more_changes_half_of_an_id_and_a_changed_id_is_none(finding: Finding, bit: int) -> None:
    ids = Ids(KEY)
    id = ids.encode(finding)
    assert ids.decode(UUID(int=id.int ^ 1 << bit)) is None
    near = ids.encode(Finding(finding.unit, finding.package, finding.advisory ^ 1))
    assert 24 < (near.int ^ id.int).bit_count() < 104


def test_neighbours_have_nothing_in_common() -> None:
    ids = [Ids(KEY).encode(Finding(1, 1, number)) for number in range(2_000)]
    assert len({id.int >> 96 for id in ids} | {id.int & 0xFFFFFFFF for id in ids}) > 3_990

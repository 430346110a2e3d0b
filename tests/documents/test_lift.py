"""A document is told by its schema, and one family is not read as another."""

import pytest

from rightshift.documents import lift


def test_todays_schema_passes_as_it_is() -> None:
    content = b'{"a": 1, "schema": "rightshift/facts/1"}'
    assert lift.lift(content, "facts") is content


@pytest.mark.parametrize(
    ("family", "schema"),
    [("facts", "rightshift/scan/1"), ("scan", "rightshift/facts/1"), ("facts", "rightshift/facts/2"), ("facts", "")],
)
def test_another_family_or_version_is_refused_by_name(family: lift.Family, schema: str) -> None:
    with pytest.raises(lift.UnknownSchema, match=f"{schema or 'none'}.* reads rightshift/{family}/1"):
        lift.lift(b'{"schema": "%b"}' % schema.encode(), family)

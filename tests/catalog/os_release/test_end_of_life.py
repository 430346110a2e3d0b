"""Until when a distribution mends a release."""

import csv
from datetime import date
from pathlib import Path

import pytest

from rightshift.catalog.os_release import end_of_life
from rightshift.model.package import Distro


@pytest.mark.parametrize(
    ("distro", "day"),
    [
        (Distro("debian", "10"), date(2024, 6, 30)),
        (Distro("debian", "12.5"), date(2028, 6, 30)),
        (Distro("ubuntu", "22.04"), date(2027, 4, 30)),
        (Distro("alpine", "3.19.1"), date(2025, 11, 1)),
        (Distro("alpine", "3.1"), None),
        (Distro("rhel", "8.9"), date(2029, 5, 31)),
        (Distro("rocky", "9.3"), date(2032, 5, 31)),
        (Distro("almalinux", "9.3"), date(2032, 5, 31)),
        (Distro("sles", "15.5"), date(2024, 12, 31)),
        (Distro("debian", "", codename="sid"), None),
        (Distro("wolfi", "20230201"), None),
        (Distro("debian", "1" * 300), None),
        (Distro("debian", "." * 300), None),
    ],
)
def test_the_day_of_a_release_or_of_the_one_it_belongs_to(distro: Distro, day: date | None) -> None:
    assert end_of_life.end_of_life(distro) == day


def test_each_line_of_the_table_is_a_release_once_with_a_day() -> None:
    file = Path(end_of_life.__file__).with_name("end_of_life.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [(name, row["version"], row["end"]) for row in csv.DictReader(lines) for name in row["id"].split()]
    assert len({(name, version) for name, version, _ in rows}) == len(rows) > 150
    for name, version, day in rows:
        assert name == name.lower()
        assert version
        assert date(2010, 1, 1) < date.fromisoformat(day) < date(2040, 1, 1)

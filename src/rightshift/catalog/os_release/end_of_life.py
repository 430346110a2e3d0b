"""Until when a distribution mends a release, from the table beside this file. Which one a tree is: `release.py`."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from rightshift.model.package import Distro


def end_of_life(distro: Distro) -> date | None:
    """
    The last day on which the distribution gives security fixes to everybody; None if that is not known.

    A release is looked up as written, then by ever fewer parts of its number: 3.19.1 is of 3.19, 12.5 of 12.
    """
    days = _table().get(distro.id, {})
    version = distro.version or distro.codename
    while version:
        if version in days:
            return days[version]
        version = version.rpartition(".")[0]
    return None


@cache
def _table() -> dict[str, dict[str, date]]:
    """
    Days by id and version as os-release writes them.

    Paid extensions (Ubuntu Pro, Red Hat's ELS, SUSE's LTSS) don't count; Debian's LTS does.
    Source: the release pages of each distribution.
    """
    days: dict[str, dict[str, date]] = {}
    with Path(__file__).with_name("end_of_life.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in row["id"].split():
                days.setdefault(name, {})[row["version"]] = date.fromisoformat(row["end"])
    return days

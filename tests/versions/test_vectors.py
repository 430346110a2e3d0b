"""Every line of the published orderings holds, but for the few named here with the reason."""

import csv
from collections.abc import Callable
from types import ModuleType

import pytest

from rightshift.versions import (
    Unparsable,
    apk,
    composer,
    dpkg,
    golang,
    maven,
    npm,
    nuget,
    pacman,
    pep440,
    rpm,
    rubygems,
    semver,
)
from rightshift.versions.scheme import Key
from tests.shared import shared

SCHEMES: dict[str, ModuleType] = {
    "apk": apk,
    "composer": composer,
    "dpkg": dpkg,
    "go": golang,
    "maven": maven,
    "nuget": nuget,
    "pacman": pacman,
    "pep440": pep440,
    "rpm": rpm,
    "rubygems": rubygems,
    "semver": semver,
}

NO_VERSIONS = {
    "composer": {
        # Composer refuses `#`; the source calls 1.2.3.# equal to both 1.2.3 and 1.2.3.1, which no order can be.
        "1.2.3.#",
        "1.2.3.#.1",
        "1.2.3.#.p3",
        "1.2.3.#.beta",
        # A branch without a number is no point in the order: a constraint of Composer never holds for it. Called
        # older than all, it would be "not affected" by whatever was introduced after the first release.
        "dev-foo",
    },
    # PEP 440 has no such versions, and `packaging` refuses them. The source puts all of them below the rest.
    "pep440": {
        "0.1-bulbasaur",
        "0.1-charmander",
        "0.9-doduo",
        "0.9-eevee",
        "0.9-fearow",
        "0.9-gyarados",
        "0.9-horsea",
        "0.9-ivysaur",
        "-class.-jw.util.version.version-pre",
        "-class.-jw.util.version.version-preview",
        "-class.-jw.util.version.version-dev",
        "-class.-jw.util.version.Version-",
        "0.6m2",
        "2.0.0-final",
    },
}


def rows(name: str) -> list[tuple[str, str, str]]:
    with shared(f"feed/versions/{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["left"], row["op"], row["right"]) for row in csv.DictReader(file)]


def sign(key: Callable[[str], Key], left: str, right: str) -> str:
    low, high = key(left), key(right)
    assert (low == high) == (not low < high and not high < low)
    return "<" if low < high else ">" if high < low else "="


@pytest.mark.shared
@pytest.mark.parametrize("name", SCHEMES)
def test_every_line_holds(name: str) -> None:
    key, refused = SCHEMES[name].key, NO_VERSIONS.get(name, set())
    judged = [row for row in rows(name) if not refused.intersection((row[0], row[2]))]
    assert len(judged) >= len(rows(name)) - 14
    assert [row for row in judged if sign(key, row[0], row[2]) != row[1]] == []


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "version"), [(name, version) for name in NO_VERSIONS for version in NO_VERSIONS[name]]
)
def test_what_is_left_out_is_refused(name: str, version: str) -> None:
    with pytest.raises(Unparsable):
        SCHEMES[name].key(version)


@pytest.mark.shared
def test_every_npm_range_holds() -> None:
    lines = rows("npm-ranges")
    assert [line for line in lines if npm.satisfies(line[0], line[2]) != (line[1] == "in")] == []

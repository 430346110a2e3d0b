"""Which paths a format is asked about, and that declarations are found by being there."""

from pathlib import Path

import pytest

from rightshift import parts
from rightshift.catalog import declared, index
from rightshift.catalog.format import Format
from rightshift.catalog.index import Index


def one(*patterns: str, executables: bool = False) -> Index:
    form = declared.Declared("rightshift.catalog.cargo.lock", "x", "cargo", "X", patterns, executables, 7)
    return Index([form])


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("Cargo.lock", "Cargo.lock", True),
        ("Cargo.lock", "a/b/Cargo.lock", True),
        ("Cargo.lock", "a/Cargo.lock/b", False),
        ("Cargo.lock", "a/XCargo.lock", False),
        ("*.jar", "lib/a.b.jar", True),
        ("*.jar", "lib/a.jar.txt", False),
        ("lib/dpkg/status", "var/lib/dpkg/status", True),
        ("lib/dpkg/status", "lib/dpkg/status", True),
        ("lib/dpkg/status", "xlib/dpkg/status", False),
        ("lib/dpkg/status.d/*", "var/lib/dpkg/status.d/base", True),
        ("lib/dpkg/status.d/*", "var/lib/dpkg/status.d/a/b", False),
        ("*.dist-info/METADATA", "lib/a-1.dist-info/METADATA", True),
        ("*.dist-info/METADATA", "lib/a-1.egg-info/METADATA", False),
        ("*requirements*.txt", "dev-requirements-2.txt", True),
        ("*requirements*.txt", "requirements.in", False),
        ("pylock.*.toml", "pylock.dev.toml", True),
        ("a.b", "aXb", False),
    ],
)
def test_a_pattern_is_matched_from_the_end_part_by_part(pattern: str, path: str, wanted: bool) -> None:
    assert one(pattern)(path) == (7 if wanted else 0)
    assert len(one(pattern).of(path)) == wanted


def test_a_format_with_two_patterns_for_one_path_is_asked_once() -> None:
    assert len(one("Cargo.lock", "*.lock").of("a/Cargo.lock")) == 1


def test_executables_are_asked_for_when_a_format_does() -> None:
    assert one(executables=True).executables
    assert not one("x").executables


def test_every_declaration_below_the_folder_is_found() -> None:
    files = [file for file in Path(declared.__file__).parent.rglob("*.py") if "FORMAT = Format(" in file.read_text()]
    names = [form.name for form in declared.catalogue().formats]
    assert len(names) == len(files)
    assert len(set(names)) == len(names)


def test_what_is_kept_equals_what_is_declared() -> None:
    for form in declared.catalogue().formats:
        assert isinstance(form.format, Format)
        kept = (form.name, form.ecosystem, form.title, form.patterns, form.executables, form.limit_bytes)
        live = form.format
        assert kept == (live.name, live.ecosystem, live.title, live.patterns, live.executables, live.limit_bytes)


def test_each_format_reads_in_one_way_and_wants_something() -> None:
    for module in parts.modules("rightshift.catalog"):
        form = getattr(module, "FORMAT", None)
        if isinstance(form, Format):
            assert sum(reader is not None for reader in (form.read, form.read_file, form.read_group)) == 1, form.name
            assert bool(form.patterns) != form.executables, form.name


def test_an_index_over_some_ecosystems_wants_only_theirs() -> None:
    assert index.index({"cargo"})("Cargo.lock")
    assert not index.index({"npm"})("Cargo.lock")
    assert index.version({"npm"}) != index.version()


@pytest.mark.parametrize("path", ["Cargo.lock", "a/Cargo.lock", "x/a.jar", "lib/dpkg/status.d/base", "pylock.dev.toml"])
def test_what_is_wanted_passes_the_sieve_of_its_folder(path: str) -> None:
    sieved = one("Cargo.lock", "*.jar", "lib/dpkg/status.d/*", "pylock.*.toml")
    folder, _, name = path.rpartition("/")
    assert sieved(path)
    assert sieved.sieve(folder + "/" if folder else "")(name)
    assert not sieved.sieve("usr/share/doc/")("README")

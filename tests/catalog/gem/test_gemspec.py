"""What is read from a `*.gemspec`, where it lies, and what is refused. Nothing of it is run."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.gem import gemspec
from rightshift.errors import Malformed
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.foreign import lines

SPEC = b"""\
# stub: not-this 9.9.9 ruby lib
Gem::Specification.new do |s|
  s.name = "rake".freeze
  s.version = "13.0.3"
  s.licenses = ["MIT".freeze, 'Ruby']
end
"""
INSTALLED = "usr/lib/ruby/gems/3.1.0/specifications/default/rake-13.0.3.gemspec"


def read(content: bytes, path: str = INSTALLED) -> list[Package]:
    return list(gemspec.read_file(MemoryFile(path, content)))


def test_an_installed_gem_with_its_licences() -> None:
    (gem,) = read(SPEC)
    assert (gem.purl, gem.state, gem.origin, gem.licenses) == (
        "pkg:gem/rake@13.0.3",
        "installed",
        "registry",
        ("MIT", "Ruby"),
    )


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("app/rake.gemspec", ("locked", "local")),
        ("usr/lib/ruby/gems/3.1.0/gems/rake-13.0.3/rake.gemspec", None),
        ("usr/local/bundle/bundler/gems/rake-4f1c/rake.gemspec", ("installed", "git")),
    ],
)
def test_the_place_tells_what_it_is(path: str, state: tuple[str, str] | None) -> None:
    assert [(gem.state, gem.origin) for gem in read(SPEC, path)] == ([state] if state else [])


@pytest.mark.parametrize("text", [b'Gem::Version.new("13.0.3".freeze)', b"%q<13.0.3>", b"'13.0.3' # comment"])
def test_versions_as_ruby_writes_them(text: bytes) -> None:
    assert read(SPEC.replace(b'"13.0.3"', text))[0].version == "13.0.3"


def test_source_may_leave_the_version_to_a_program() -> None:
    assert read(SPEC.replace(b'"13.0.3"', b"Rake::VERSION"), "app/rake.gemspec")[0].version == ""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"`touch /tmp/x`\nGem::Specification.new",
        SPEC.replace(b'"13.0.3"', b"Rake::VERSION"),
        SPEC.replace(b"Gem::Specification.new", b"Other.new"),
    ],
    ids=["empty", "no name", "no version", "no specification"],
)
def test_what_it_cannot_read_is_malformed(content: bytes) -> None:
    with pytest.raises(gemspec.MalformedGemspec):
        read(content)


@given(st.binary(max_size=200) | lines("Gem::Specification.new", "s.name", "s.version", '"1"', "%q<", ">", "s.license"))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    with suppress(Malformed):
        read(content)

"""Names of ecosystems. Here they are purl types; OSV's words and people's words are aliases, in one table."""

OSV = {
    "pypi": "PyPI",
    "npm": "npm",
    "maven": "Maven",
    "golang": "Go",
    "cargo": "crates.io",
    "nuget": "NuGet",
    "gem": "RubyGems",
    "composer": "Packagist",
    "hex": "Hex",
    "pub": "Pub",
    "hackage": "Hackage",
    "cran": "CRAN",
    "conan": "ConanCenter",
    "swift": "SwiftURL",
    "julia": "Julia",
    "opam": "opam",
    "bitnami": "Bitnami",
    "githubactions": "GitHub Actions",
}
"""purl type to OSV's ecosystem, for languages; distributions need the release and stand in `feed`'s candidates."""

PURL_TYPE = {name.lower(): kind for kind, name in OSV.items()}
"""OSV's ecosystem in lower case to the purl type."""

SPOKEN = {
    "python": "pypi",
    "javascript": "npm",
    "node": "npm",
    "nodejs": "npm",
    "java": "maven",
    "go": "golang",
    "rust": "cargo",
    "crates.io": "cargo",
    "dotnet": "nuget",
    ".net": "nuget",
    "ruby": "gem",
    "rubygems": "gem",
    "php": "composer",
    "packagist": "composer",
    "elixir": "hex",
    "erlang": "hex",
    "dart": "pub",
    "haskell": "hackage",
    "r": "cran",
    "debian": "deb",
    "ubuntu": "deb",
    "dpkg": "deb",
    "alpine": "apk",
    "redhat": "rpm",
    "arch": "alpm",
    "gentoo": "ebuild",
}
"""What people write to a purl type."""


def purl_type(word: str) -> str:
    """The purl type that a person or OSV means; the word itself in lower case when it is none of theirs."""
    lower = word.strip().lower()
    return SPOKEN.get(lower) or PURL_TYPE.get(lower) or lower

"""What is read from a Go binary, and what is refused."""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.golang import binary
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import MemoryFile
from tests.catalog.binaries import forge

SENTINEL = bytes(range(16))
LINES = """path\texample.com/app
mod\texample.com/app\t(devel)\t
dep\tgolang.org/x/net\tv0.23.0\th1:abc=
dep\texample.com/old\tv1.0.0
=>\texample.com/fork\tv1.0.1\th1:def=
dep\texample.com/folder\tv2.0.0
=>\t../folder\t(devel)\t
build\t-compiler=gc
"""


def varint(number: int) -> bytes:
    found = b""
    while number >= 0x80:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])


def inline(version: str, lines: str) -> bytes:
    modules = SENTINEL + lines.encode() + SENTINEL if lines else b""
    head = b"\xff Go buildinf:" + bytes([8, 2]) + b"\0" * 16
    return head + varint(len(version)) + version.encode() + varint(len(modules)) + modules


def pointed(make: Callable[[bytes], bytes], version: str, lines: str, size: int = 8, order: str = "<") -> bytes:
    """Made twice: where things lie is only known then."""
    word = "I" if size == 4 else "Q"
    texts = (version.encode(), SENTINEL + lines.encode() + SENTINEL)
    address = 0
    for _ in range(2):
        headers = address + 32
        behind = headers + 4 * size
        section = b"\xff Go buildinf:" + bytes([size, 0 if order == "<" else 1])
        section += struct.pack(order + 2 * word, headers, headers + 2 * size).ljust(16, b"\0")
        section += struct.pack(
            order + 4 * word, behind, len(texts[0]), behind + len(texts[0]), len(texts[1])
        ) + b"".join(texts)
        content = make(section)
        address = forge.ADDRESS + content.index(b"\xff Go buildinf:")
    return content


def read(content: bytes) -> list[tuple[str, str, str]]:
    return [(p.name, p.version, p.origin) for p in found(content) if isinstance(p, Package)]


def found(content: bytes) -> Iterator[Package | Gap]:
    return binary.read_file(MemoryFile("usr/bin/app", content))


EXPECTED = [
    ("stdlib", "1.22.1", "registry"),
    ("example.com/app", "(devel)", "registry"),
    ("golang.org/x/net", "v0.23.0", "registry"),
    ("example.com/fork", "v1.0.1", "registry"),
    ("example.com/folder", "v2.0.0", "local"),
]


@pytest.mark.parametrize(
    "content",
    [
        forge.elf({".text": b"x", ".go.buildinfo": inline("go1.22.1", LINES)}),
        forge.elf({".go.buildinfo": inline("go1.22.1", LINES)}, wide=False, order=">"),
        forge.pe({".text": b"x", ".data": b"\0" * 64 + inline("go1.22.1", LINES)}),
        forge.macho({"__go_buildinfo": inline("go1.22.1", LINES)}),
        forge.fat(forge.macho({}), forge.macho({"__go_buildinfo": inline("go1.22.1", LINES)}, wide=False)),
    ],
    ids=["elf", "elf32 big", "pe", "macho", "fat"],
)
def test_all_modules_with_their_replacements(content: bytes) -> None:
    assert read(content) == EXPECTED
    assert all(isinstance(p, Package) and (p.state, p.evidence) == ("linked", "build info") for p in found(content))


@pytest.mark.parametrize(
    "content",
    [
        pointed(lambda s: forge.elf({".go.buildinfo": s}), "go1.22.1", LINES),
        pointed(lambda s: forge.elf({".go.buildinfo": s}, wide=False, order=">"), "go1.22.1", LINES, 4, ">"),
        pointed(lambda s: forge.pe({".data": s}), "go1.22.1", LINES),
        pointed(lambda s: forge.macho({"__go_buildinfo": s}), "go1.22.1", LINES),
    ],
    ids=["elf", "elf32 big", "pe", "macho"],
)
def test_the_older_layout_of_pointers(content: bytes) -> None:
    assert read(content) == EXPECTED


@pytest.mark.parametrize(
    ("compiler", "version"),
    [
        ("go1.21", "1.21"),
        ("go1.22rc2", "1.22rc2"),
        ("go1.19.8-fips", "1.19.8"),
        ("go1.22.1 X:boringcrypto", "1.22.1"),
        ("devel go1.23-0123abc Tue Jan", "1.23"),
        ("devel +0123abc", ""),
    ],
)
def test_the_standard_library_has_the_release_of_the_compiler(compiler: str, version: str) -> None:
    assert read(forge.elf({".go.buildinfo": inline(compiler, "")})) == [("stdlib", version, "registry")]


def test_without_a_module_list_the_main_package_names_its_module() -> None:
    lines = "path\tgithub.com/o/app/cmd/serve\nbuild\t-compiler=gc\n"
    assert read(forge.elf({".go.buildinfo": inline("go1.19.8", lines)})) == [
        ("stdlib", "1.19.8", "registry"),
        ("github.com/o/app", "", "registry"),
    ]


@pytest.mark.parametrize("path", ["command-line-arguments", "cmd/go", ""])
def test_a_main_package_of_no_module_names_none(path: str) -> None:
    lines = f"path\t{path}\ndep\texample.com/x\tv1.0.0\n"
    names = [name for name, _, _ in read(forge.elf({".go.buildinfo": inline("go1.19.8", lines)}))]
    assert names == ["stdlib", "example.com/x"]


def test_a_main_module_without_a_version_has_the_one_that_the_linker_was_told() -> None:
    lines = LINES + 'build\t-ldflags="-s -X \\"main.version=1.4.0\\""\nbuild\tGOOS=linux\n'
    known = (
        LINES.replace("(devel)\t\ndep\tgolang", "v1.5.0\t\ndep\tgolang") + 'build\t-ldflags="-X main.version=1.4.0"\n'
    )
    for text, version in ((lines, "v1.4.0"), (known, "v1.5.0")):
        assert read(forge.elf({".go.buildinfo": inline("go1.22.1", text)}))[1] == (
            "example.com/app",
            version,
            "registry",
        )


@pytest.mark.parametrize(("cgo", "version"), [("0", "v1.27.16"), ("1", "(devel)")])
def test_what_the_linker_wrote_counts_only_without_c_whose_texts_look_alike(cgo: str, version: str) -> None:
    lines = LINES + f"build\tCGO_ENABLED={cgo}\n"
    content = forge.elf({".go.buildinfo": inline("go1.22.1", lines), ".rodata": b"x" * 4096 + b"\0v1.27.16\0"})
    main = list(found(content))[1]
    assert isinstance(main, Package)
    assert (main.name, main.version) == ("example.com/app", version)
    assert main.evidence == ("build info" if cgo == "1" else "classifier")


def test_a_second_main_module_is_one_more_module() -> None:
    lines = LINES.replace("dep\tgolang", "mod\texample.com/second\tv1.0.0\ndep\tgolang")
    names = [name for name, _, _ in read(forge.elf({".go.buildinfo": inline("go1.22.1", lines)}))]
    assert names[1:4] == ["example.com/app", "example.com/second", "golang.org/x/net"]


def test_an_executable_of_another_language_gives_nothing() -> None:
    assert list(found(forge.elf({".text": b"x"}))) == []
    assert list(found(forge.pe({".data": b"x" * 100}))) == []


def test_lines_that_are_none_are_told_and_cost_nothing_else() -> None:
    items = list(found(forge.elf({".go.buildinfo": inline("go1.22.1", "=>\tx\nnonsense\ndep\n" + LINES)})))
    assert [p.name for p in items if isinstance(p, Package)] == [name for name, _, _ in EXPECTED]
    assert [g.reason for g in items if isinstance(g, Gap)] == ["3 lines of its module list are none"]


def test_modules_without_end_are_cut_off_and_told() -> None:
    lines = "".join(f"dep\texample.com/m{n}\tv1.0.0\n" for n in range(binary.MODULES + 5))
    items = list(found(forge.elf({".go.buildinfo": inline("go1.22.1", lines)})))
    assert len(items) == 1 + binary.MODULES + 1
    assert isinstance(items[-1], Gap)


@pytest.mark.parametrize(
    "info",
    [
        b"\xff Go buildinf:\x08\x02",
        inline("", "")[:32] + varint(1 << 62) + b"go1.22.1",
        inline("", "")[:32] + b"\x08go1.22.1" + varint((1 << 63) - 1),
        inline("", "")[:32] + b"\xff" * 20,
        b"\xff Go buildinf:\x08\0" + b"\xff" * 16,
        b"\xff Go buildinf:\x03\0" + b"\xff" * 16,
    ],
    ids=["cut", "version", "modules", "endless length", "pointers", "size of pointers"],
)
def test_lengths_and_pointers_that_lie_are_malformed(info: bytes) -> None:
    with pytest.raises(binary.MalformedBuildInfo):
        list(found(forge.elf({".go.buildinfo": info})))


GOOD = forge.elf({".go.buildinfo": inline("go1.22.1", LINES)})


@given(st.binary(max_size=30), st.integers(0, len(GOOD)))
def test_no_bytes_raise_anything_else(content: bytes, at: int) -> None:
    with suppress(Malformed):
        list(found(GOOD[:at] + content + GOOD[at + len(content) :]))

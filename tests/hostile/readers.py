"""What reads foreign bytes, each with valid inputs and the errors it may raise. Changing inputs: `mutation.py`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rightshift.catalog.declared import Declared, catalogue
from rightshift.catalog.format import Found
from rightshift.errors import Malformed
from rightshift.model.advisory import Range
from rightshift.tree.file import MemoryFile
from rightshift.versions import ranges
from rightshift.versions.scheme import Scheme, Unparsable
from rightshift.versions.schemes import all_schemes
from tests.hostile import seeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """
    Something that reads foreign bytes. `read` yields what comes out; the folder is its own to use.

    `refuses` are the errors that it documents. `cost` is how many times longer than a parser it takes.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[bytes, Path], Iterable[Found]]
    refuses: tuple[type[Exception], ...] = (Malformed,)
    cost: int = 1


def discovered() -> Iterator[Reader]:
    """Formats and schemes of versions, found by being there. All else: `elsewhere.py`, `feeds.py`."""
    yield from map(_format, catalogue().formats)
    yield from map(_scheme, all_schemes())


def _format(form: Declared) -> Reader:
    paths = [pattern.replace("*", "a-1.0") for pattern in form.patterns] or ["usr/bin/app"]

    def read(content: bytes, _folder: Path) -> Iterator[Found]:
        if form.format.read:
            yield from form.format.read(content)
        for path in paths[:3] if form.format.read_file else ():
            assert form.format.read_file
            yield from form.format.read_file(MemoryFile(f"usr/{path}", content))
        for path in paths if form.format.read_group else ():
            assert form.format.read_group
            for group in ({path: content}, dict(zip(paths, _beside(form), strict=True)) | {path: content}):
                yield from form.format.read_group({f"app/{name}": one for name, one in sorted(group.items())})

    return Reader(name=form.name, seeds=lambda: seeds.of_format(form), read=read)


@cache
def _beside(form: Declared) -> list[bytes]:
    """A good file for each pattern, where there is one."""
    return [next(iter(seeds.real(pattern)), b"") for pattern in form.patterns]


def _scheme(scheme: Scheme) -> Reader:
    def read(content: bytes, _folder: Path) -> Iterator[Found]:
        text = content.decode("utf-8", "surrogateescape")
        version, _, other = text.partition("\n")
        ranges.contains(version, Range((("introduced", "0"), ("fixed", other))), scheme)
        one, two = scheme.key(version), scheme.key(other)
        assert (one < two) + (two < one) + (one == two) == 1
        yield from ()

    pairs = (b"1.2.3\n1.10.0", b"1:2.0~rc1-1ubuntu2+b1\n0", b"1.0.0-alpha.1+x.5\nv1.0.0", b"2024.1.post1\n1!0")
    return Reader(name=f"version-{scheme.name}", seeds=lambda: pairs, read=read, refuses=(Unparsable,))


def of_bytes(
    name: str,
    valid: Callable[[], Sequence[bytes]],
    read: Callable[[bytes], object],
    refuses: type[Exception] | tuple[type[Exception], ...] = Malformed,
) -> Reader:
    """A reader that wants bytes alone, and from which no packages come."""

    def nothing_found(content: bytes, _folder: Path) -> Iterable[Found]:
        read(content)
        return ()

    errors = refuses if isinstance(refuses, tuple) else (refuses,)
    return Reader(name=name, seeds=valid, read=nothing_found, refuses=errors)


def put(content: bytes, folder: Path, name: str) -> Path:
    """Written anew each time, since a reader may hold the last one open."""
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    return path

"""Hands wanted files to the formats that asked. A bad file becomes a gap, and the walk goes on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Literal

from rightshift.catalog.format import Format, Found
from rightshift.catalog.index import Index
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Owned, Package
from rightshift.tree import names
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import File, read_whole

GROUP_BYTES = 256 << 20
"""Bytes of grouped files kept at once; what comes later is a gap."""

NAME_CHARS = 1024
VERSION_CHARS = 256


@dataclass(frozen=True, slots=True)
class Reading:
    """What one format found in one file, or in the group that `path` stands for; nothing is a finding too."""

    path: str
    format: str
    packages: tuple[Package, ...] = ()
    owned: tuple[Owned, ...] = ()
    distros: tuple[Distro, ...] = ()


@dataclass(frozen=True, slots=True)
class Grouped:
    """A file that only means something together with others, left for a reader that has them all."""

    path: str


Groups = Literal["here", "elsewhere", "only"]
"""What is done with files that belong together: read at the end, left as `Grouped`, or they are all that is read."""

Around = Callable[[str], AbstractContextManager[None]]
"""Entered before a file or group is read and left after: may name it, time it, or refuse it by `Malformed`."""


def _plainly(_path: str) -> AbstractContextManager[None]:
    return nullcontext()


def read(
    bodies: Iterable[Body | Gap | Skipped], index: Index, around: Around = _plainly, kept: Groups = "here"
) -> Iterator[Reading | Grouped | Gap | Skipped]:
    """
    What all formats find in the files of a tree, in the order of the tree, groups last.

    Nothing that a file holds raises: `Malformed`, a reader's own mistake, a limit and an unreadable file are gaps.
    """
    groups: dict[tuple[str, str], tuple[Format, dict[str, bytes]]] = {}
    group_bytes = 0
    for body in bodies:
        if not isinstance(body, Body):
            yield body
            continue
        for form in index.of(body.file.path) or index.binary_formats:
            if form.read_group and kept == "elsewhere" and names.is_real(body.path):
                yield Grouped(body.path)
                continue
            if kept == "only" and not form.read_group:
                continue
            if body.file.size > form.limit_bytes:
                yield Gap(body.path, f"{form.name}: larger than {form.limit_bytes} bytes")
                if not form.partly:
                    continue
            if not form.read_group:
                yield from _collect(form, body.path, body.file, index, around)
                continue
            try:
                content = read_whole(body.file, form.limit_bytes)
            except OSError as error:
                yield Gap(body.path, f"{form.name}: not readable: {error.strerror or error}")
                continue
            if (group_bytes := group_bytes + len(content)) > GROUP_BYTES:
                yield Gap(body.path, f"{form.name}: over {GROUP_BYTES} bytes of files that belong together")
                continue
            groups.setdefault((form.name, form.group(body.path)), (form, {}))[1][body.path] = content
    for _, (form, unordered) in sorted(groups.items(), key=lambda group: group[0]):
        members = dict(sorted(unordered.items()))
        yield from _collect(form, next(iter(members)), members, index, around)


def _found(form: Format, content: File | Mapping[str, bytes]) -> Iterable[Found]:
    if isinstance(content, Mapping):
        return form.read_group(content) if form.read_group else ()
    if form.read_file:
        return form.read_file(content)
    return form.read(read_whole(content, form.limit_bytes)) if form.read else ()


def _collect(
    form: Format, path: str, content: File | Mapping[str, bytes], index: Index, around: Around
) -> Iterator[Reading | Gap]:
    packages: list[Package] = []
    owned: list[Owned] = []
    distros: list[Distro] = []
    gaps: list[Gap] = []
    try:
        with around(path):
            for item in _found(form, content):
                match item:
                    case Package():
                        if lack := lacks(item):
                            gaps.append(Gap(path, f"{form.name}: {lack}"))
                        else:
                            packages.append(item if item.locations else item.but(locations=(path,)))
                    case Owned():
                        if paths := tuple(path for path in item.paths if _may_hold_packages(path, index)):
                            owned.append(replace(item, paths=paths))
                    case Distro():
                        distros.append(item)
                    case Gap():
                        gaps.append(replace(item, path=item.path or path, reason=f"{form.name}: {item.reason}"))
    except Malformed as error:
        gaps.append(Gap(path, f"{form.name}: {error}"))
    except OSError as error:
        gaps.append(Gap(path, f"{form.name}: not readable: {error.strerror or error}"))
    except (RecursionError, MemoryError) as error:
        gaps.append(Gap(path, f"{form.name}: {type(error).__name__}"))
    except Exception as error:  # noqa: BLE001 - a mistake of a reader costs one file and says so
        gaps.append(Gap(path, f"{form.name}: the reader failed: {type(error).__name__}: {error}"))
    yield from dict.fromkeys(gaps)
    yield Reading(path, form.name, tuple(packages), tuple(owned), tuple(distros))


def lacks(package: Package) -> str:
    """What makes a package none that is kept; empty for one that is."""
    if not package.name:
        return "a package without a name"
    if len(package.name) > NAME_CHARS:
        return f"a name of over {NAME_CHARS} characters"
    if len(package.version) > VERSION_CHARS:
        return f"a version of over {VERSION_CHARS} characters"
    return ""


def _may_hold_packages(path: str, index: Index) -> bool:
    """Of all files that an OS package owns, only those are kept in which another format might find a package."""
    return bool("bin/" in path or ".so" in path or ("/lib/" in path and "." not in path) or index(path))

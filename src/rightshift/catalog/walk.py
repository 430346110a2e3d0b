"""Hands wanted files to the formats that asked for them. A bad file costs that file: it becomes a gap, and the walk goes on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rightshift.catalog.format import Format, Found
from rightshift.catalog.index import Index
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Owned, Package
from rightshift.tree.entry import Body, Skipped
from rightshift.tree.file import read_whole

GROUP_BYTES = 256 << 20
"""Bytes of grouped files kept at once; what comes later is a gap."""

NAME_CHARS = 1024
VERSION_CHARS = 256


@dataclass(frozen=True, slots=True)
class Reading:
    """What one format found in one file, or in the group that `path` stands for."""

    path: str
    format: str
    packages: tuple[Package, ...] = ()
    owned: tuple[Owned, ...] = ()
    distros: tuple[Distro, ...] = ()


def read(bodies: Iterable[Body | Gap | Skipped], index: Index) -> Iterator[Reading | Gap | Skipped]:
    """
    What all formats find in the files of a tree, in the order of the tree, groups last.

    Nothing that a file holds raises: `Malformed`, a reader's own mistake, a limit and an unreadable file are gaps.
    """
    groups: dict[tuple[str, str], dict[str, bytes]] = {}
    group_bytes = 0
    for body in bodies:
        if not isinstance(body, Body):
            yield body
            continue
        for form in index.of(body.file.path) or index.binary_formats:
            if body.file.size > form.limit_bytes:
                yield Gap(body.path, f"{form.name}: larger than {form.limit_bytes} bytes")
                continue
            try:
                if form.read_group:
                    content = read_whole(body.file, form.limit_bytes)
                    if (group_bytes := group_bytes + len(content)) > GROUP_BYTES:
                        yield Gap(body.path, f"{form.name}: more than {GROUP_BYTES} bytes of files that belong together")
                        continue
                    groups.setdefault((form.name, form.group(body.path)), {})[body.path] = content
                    continue
                content = b"" if form.read_file else read_whole(body.file, form.limit_bytes)
            except OSError as error:
                yield Gap(body.path, f"{form.name}: not readable: {error.strerror or error}")
                continue
            yield from _read_one(form, body, content, index)
    by_name = {form.name: form for form in index.formats}
    for (name, _), members in sorted(groups.items()):
        yield from _read_group(by_name[name], dict(sorted(members.items())), index)


def _read_one(form: Format, body: Body, content: bytes, index: Index) -> Iterator[Reading | Gap]:
    found = form.read_file(body.file) if form.read_file else form.read(content) if form.read else ()
    yield from _collect(form, body.path, found, index)


def _read_group(form: Format, members: Mapping[str, bytes], index: Index) -> Iterator[Reading | Gap]:
    assert form.read_group
    yield from _collect(form, next(iter(members)), form.read_group(members), index)


def _collect(form: Format, path: str, found: Iterable[Found], index: Index) -> Iterator[Reading | Gap]:
    packages: list[Package] = []
    owned: list[Owned] = []
    distros: list[Distro] = []
    try:
        for item in found:
            match item:
                case Package():
                    if lack := _lacks(item):
                        yield Gap(path, f"{form.name}: {lack}")
                    else:
                        packages.append(item if item.locations else replace(item, locations=(path,)))
                case Owned():
                    if paths := tuple(path for path in item.paths if _may_hold_packages(path, index)):
                        owned.append(replace(item, paths=paths))
                case Distro():
                    distros.append(item)
                case Gap():
                    yield replace(item, path=item.path or path, reason=f"{form.name}: {item.reason}")
    except Malformed as error:
        yield Gap(path, f"{form.name}: {error}")
    except (RecursionError, MemoryError) as error:
        yield Gap(path, f"{form.name}: {type(error).__name__}")
    except Exception as error:  # noqa: BLE001 - a mistake of a reader costs one file and says so
        yield Gap(path, f"{form.name}: the reader failed: {type(error).__name__}: {error}")
    if packages or owned or distros:
        yield Reading(path, form.name, tuple(packages), tuple(owned), tuple(distros))


def _lacks(package: Package) -> str:
    if not package.name:
        return "a package without a name"
    if len(package.name) > NAME_CHARS:
        return f"a name of over {NAME_CHARS} characters"
    if len(package.version) > VERSION_CHARS:
        return f"a version of over {VERSION_CHARS} characters"
    return ""


def _may_hold_packages(path: str, index: Index) -> bool:
    """Of all files that an OS package owns, only those are kept in which another format might find a package."""
    return bool("bin/" in path or ".so" in path or "/lib/" in path and "." not in path or index.of(path))

"""`pom.xml` of a project: what it declares, with versions from what lies in the same tree. Jars: `archive.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rightshift.catalog.format import Format
from rightshift.catalog.maven import pom
from rightshift.catalog.maven.pom import Dependency, Pom
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Package

PARENTS = 32
"""Steps up; real projects have two to five."""

IMPORTS = 64
"""Bills of material that one project imports, those they import counted."""


MANAGED = 3_000_000
"""Entries of `dependencyManagement` looked through for all projects of a tree: 1,000 modules below 3,000 entries."""


class MalformedPom(Malformed):
    """Not XML, or not a project."""


@dataclass(slots=True)
class _Tree:
    """All descriptions at hand, by path and by coordinates."""

    by_path: dict[str, Pom] = field(default_factory=dict)
    by_name: dict[tuple[str, str, str], Pom] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    managed_left: int = MANAGED


def everywhere(_path: str) -> str:
    """One group: a parent may lie anywhere in the tree."""
    return ""


def read_group(members: Mapping[str, bytes]) -> Iterator[Package | Gap]:
    """
    What the projects of a tree declare, file by file; a version that no file of the tree knows is empty.

    Nothing is fetched. The projects themselves and build plugins are left out, and so is what lies in `META-INF/maven`:
    it tells of an archive. What a profile needs that is not active by default is `optional`, for tests `dev`.

    Source: Maven, "POM Reference", "Introduction to the Dependency Mechanism".
    """
    tree = _Tree()
    for path, content in members.items():
        if "META-INF/maven/" in path:
            continue
        try:
            project = pom.parse(content)
        except Malformed as error:
            yield Gap(path, str(MalformedPom(str(error))))
            continue
        tree.by_path[path] = project
        tree.by_name.setdefault((project.own("groupId"), project.own("artifactId"), project.own("version")), project)
        tree.paths[id(project)] = path
    for path, project in tree.by_path.items():
        yield from _declared(tree, path, project)
    if tree.managed_left <= 0:
        yield Gap("", f"more than {MANAGED} managed dependencies: some versions stay empty")


def _declared(tree: _Tree, path: str, project: Pom) -> Iterator[Package]:
    line = _line(tree, project)
    variables = _variables(line)
    managed = _managed(tree, line, variables)
    seen = set()
    inherited = [dependency for ancestor in line for dependency in ancestor.dependencies]
    for dependency, optional in [(it, False) for it in inherited] + [(it, True) for it in project.profile_dependencies]:
        group, artifact = (pom.resolved(it, variables) for it in (dependency.group, dependency.artifact))
        default = managed.get((group, artifact))
        version = dependency.version or (default.version if default else "")
        scope = pom.resolved(dependency.scope or (default.scope if default else ""), variables)
        if not group or not artifact or (group, artifact) in seen:
            continue
        seen.add((group, artifact))
        yield Package(
            ecosystem="maven",
            name=f"{group}:{artifact}",
            version=lowest(pom.resolved(version, variables)),
            state="locked",
            dev=scope == "test",
            optional=optional or dependency.optional == "true",
            locations=(path,),
        )


def _line(tree: _Tree, project: Pom) -> list[Pom]:
    """A project and its parents as far as they lie in the tree; ends where a parent comes twice."""
    line = [project]
    while len(line) < PARENTS and (parent := _parent(tree, line[-1])) and not any(parent is it for it in line):
        line.append(parent)
    return line


def _parent(tree: _Tree, project: Pom) -> Pom | None:
    if not project.parent:
        return None
    wanted = tuple(project.parent.get(part, "") for part in ("groupId", "artifactId", "version"))
    relative = project.parent.get("relativePath", "../pom.xml")
    path = _joined(tree.paths[id(project)], relative) if relative else ""
    near = tree.by_path.get(path) or tree.by_path.get(f"{path}/pom.xml".lstrip("/"))
    if near and near.own("artifactId") == wanted[1]:
        return near
    return tree.by_name.get((wanted[0], wanted[1], wanted[2]))


def _joined(path: str, relative: str) -> str:
    parts = list(PurePosixPath(path).parent.parts)
    for part in relative.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _variables(line: list[Pom]) -> dict[str, str]:
    """A child's properties win over its parent's; `project.version` and its like are always the child's."""
    found: dict[str, str] = {}
    for ancestor in reversed(line):
        found.update({key: value for key, value in ancestor.variables().items() if value})
    return found


def _managed(tree: _Tree, line: list[Pom], variables: dict[str, str]) -> dict[tuple[str, str], Dependency]:
    """What `dependencyManagement` decides, nearest first, with imported bills of material after a project's own."""
    found: dict[tuple[str, str], Dependency] = {}
    open_lines = [(line, variables)]
    imported = 0
    while open_lines:
        poms, known = open_lines.pop(0)
        tree.managed_left -= sum(len(ancestor.managed) for ancestor in poms)
        if tree.managed_left <= 0:
            break
        for dependency in (it for ancestor in poms for it in ancestor.managed):
            values = (dependency.group, dependency.artifact, dependency.version)
            group, artifact, version = (pom.resolved(it, known) for it in values)
            if dependency.scope != "import":
                entry = Dependency(group, artifact, version, dependency.scope, dependency.kind, dependency.optional)
                found.setdefault((group, artifact), entry)
            elif (bill := tree.by_name.get((group, artifact, version))) and imported < IMPORTS:
                imported += 1
                bill_line = _line(tree, bill)
                open_lines.append((bill_line, _variables(bill_line)))
    return found


def lowest(version: str) -> str:
    """The lowest version that a range may mean: `[1.0,2.0)` is 1.0, `(,1.0]` none. Others stay as they are."""
    if version[:1] not in ("[", "("):
        return version
    return version[1:].partition(",")[0].strip(" [](),")


FORMAT = Format(
    name="maven-pom",
    ecosystem="maven",
    title="Java: pom.xml",
    patterns=("pom.xml",),
    limit_bytes=4 << 20,
    read_group=read_group,
    group=everywhere,
)

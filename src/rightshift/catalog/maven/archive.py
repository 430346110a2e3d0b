"""Java's archives: `*.jar`, `*.war` and kin, with what is shaded into and nested in them. Runtimes: `catalog/java`."""

from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.maven import coordinates, guess, layout, pom
from rightshift.catalog.maven.coordinates import Coordinates
from rightshift.errors import Malformed
from rightshift.model.inventory import Gap
from rightshift.model.package import Evidence, Package
from rightshift.tree.budget import Budget
from rightshift.tree.file import File
from rightshift.tree.zip import Entry, Zip

ENDINGS = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".lpkg", ".aar", ".jmod")
MANIFEST = "META-INF/MANIFEST.MF"
_WANTED = (*ENDINGS, "pom.properties", "pom.xml")

DEPTH = 16
"""Archives in archives; real ones nest two or three deep (a jar in a war in an ear)."""

NESTED_BYTES = 512 << 20
DESCRIPTION_BYTES = 4 << 20
GAPS = 100
"""Losses named one by one for one outermost archive; the others are counted."""


def read_file(file: File) -> Iterator[Package | Gap]:
    """
    The packages of one archive: its own, those shaded into it, those of all archives inside it.

    A package's location names the archive that holds it; what is shaded lies at its host's.

    Raises: MalformedZip, OverBudget, OSError.
    Source: JAR File Specification; Maven Archiver Reference, "META-INF/maven".
    """
    budget = Budget(depth=DEPTH)
    lost = 0
    for item in _archives(Zip(file, budget)):
        if isinstance(item, Package) or (lost := lost + 1) <= GAPS:
            yield item
    if lost > GAPS:
        yield Gap("", f"{lost - GAPS} more losses inside this archive")


def _archives(outermost: Zip) -> Iterator[Package | Gap]:
    """Depth first, with at most one chain of nested archives open."""
    open_levels: list[tuple[Zip, Iterator[Entry]]] = []
    archive: Zip | None = outermost
    while archive or open_levels:
        if archive:
            wanted = list(archive.entries(_is_wanted))
            if archive.flaw:
                yield Gap(archive.file.path, archive.flaw)
            yield from _packages(archive, wanted)
            open_levels.append((archive, iter([entry for entry in wanted if entry.name.endswith(ENDINGS)])))
            archive = None
        outer, entries = open_levels[-1]
        entry = next(entries, None)
        if entry is None:
            open_levels.pop()
            continue
        try:
            archive = outer.nested(entry, NESTED_BYTES)
        except Malformed as error:
            yield Gap(f"{outer.file.path}!/{entry.name}", str(error))


def _is_wanted(name: str) -> bool:
    return name.endswith(_WANTED) or name == MANIFEST


def _packages(archive: Zip, wanted: list[Entry]) -> Iterator[Package | Gap]:
    """What one archive says of itself: Maven's descriptions, and a guess where none of them is the archive's own."""
    found: dict[Coordinates, Evidence] = {}
    flaws: list[Gap] = []
    described = {entry.name.rpartition("/")[0] for entry in wanted if _is(entry, "pom.properties")}
    for entry in wanted:
        try:
            if _is(entry, "pom.properties"):
                if it := coordinates.of_properties(archive.read(entry, DESCRIPTION_BYTES)):
                    found[it] = "pom.properties"
            elif _is_alone(entry, described) and (it := _of_pom(archive, entry)):
                found.setdefault(it, "pom.xml")
        except Malformed as error:
            flaws.append(Gap(archive.file.path, str(error)))
    if own := _own(archive, wanted, found, flaws):
        found.setdefault(own[0], own[1])
    for it, evidence in found.items():
        yield Package(
            ecosystem="maven", name=it.name, version=it.version, evidence=evidence, locations=(archive.file.path,)
        )
    yield from flaws


def _is(entry: Entry, name: str) -> bool:
    return entry.name.rpartition("/")[2] == name


def _is_alone(entry: Entry, described: set[str]) -> bool:
    """A `pom.xml` that Maven put there, without the `pom.properties` that says the same more simply."""
    folder, _, name = entry.name.rpartition("/")
    return name == "pom.xml" and folder.startswith("META-INF/maven/") and folder not in described


def _of_pom(archive: Zip, entry: Entry) -> Coordinates | None:
    """A description whose version only its parent knows is one without a version."""
    found = pom.parse(archive.read(entry, DESCRIPTION_BYTES))
    group, artifact = found.own("groupId"), found.own("artifactId")
    return Coordinates(group, artifact, found.own("version")) if group and artifact else None


def _own(
    archive: Zip, wanted: list[Entry], found: dict[Coordinates, Evidence], flaws: list[Gap]
) -> tuple[Coordinates, Evidence] | None:
    """
    The archive itself, when no description is its own: that is one whose artifact the file's name begins with.

    In a local repository the folders say what it is. Elsewhere it is guessed, and beside descriptions of others only a
    guess with a group counts. A single description of something else may still be the archive's own: files are renamed
    (`maven3-core.jar`, `servlet-api-3.1.jar`) more often than they shade just one package. It is when the names have
    anything in common, or the versions are the same.
    """
    place = archive.file.path.rpartition("!/")[2]
    if placed := layout.of_path(place):
        return None if any(it.name == placed.name for it in found) else (placed, "file name")
    file_name = place.rpartition("/")[2]
    alone = next(iter(found)) if len(found) == 1 else None
    if any(file_name.startswith(it.artifact) for it in found) or (alone and _akin(file_name, alone.artifact)):
        return None
    manifest: dict[str, str] = {}
    for entry in wanted:
        if entry.name == MANIFEST:
            try:
                manifest.update(coordinates.headers(archive.read(entry, DESCRIPTION_BYTES)))
            except Malformed as error:
                flaws.append(Gap(archive.file.path, str(error)))
            break
    own = guess.identity(file_name, manifest)
    if not own or (found and not own[0].group):
        return None
    same = alone and (alone.version == own[0].version or _akin(alone.artifact, own[0].artifact))
    return None if same else own


def _akin(name: str, part: str) -> bool:
    """Whether a name holds another; how words are joined differs between packagers."""
    return _joined(part) in _joined(name)


def _joined(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(".", "")


FORMAT = Format(
    name="java-archive",
    ecosystem="maven",
    title="Java: *.jar, *.war, *.ear, *.par, *.sar, *.nar, *.jpi, *.hpi, *.kar, *.lpkg, *.aar, *.jmod, also nested",
    patterns=tuple(f"*{ending}" for ending in ENDINGS),
    limit_bytes=8 << 30,
    read_file=read_file,
)

"""A folder, a host or a single file to one inventory: a large tree is read by several children. Images: `image.py`."""

from rightshift.catalog.merge import merge
from rightshift.catalog.walk import Reading
from rightshift.errors import SourceError
from rightshift.model.inventory import Gap, Inventory
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job
from rightshift.scan.crew import Crew
from rightshift.scan.parts import Progress
from rightshift.tree.entry import Skipped
from rightshift.tree.material import FileMaterial, TreeMaterial
from rightshift.tree.shares import shares


def read_tree(material: TreeMaterial | FileMaterial, crew: Crew, budget: Budget, progress: Progress) -> Inventory:
    """What lies in it. Raises: SourceError when a share of it could not be read, since what is missing is unknown."""
    out = shares(material.fd, crew.workers) if isinstance(material, TreeMaterial) else ()
    jobs = [Job(share.number, share=share) for share in out] or [Job(0)]
    first = parts.read(crew, material, budget, jobs, progress)
    rounds = [first]
    if together := sorted(one.path for result in first.results.values() for one in result.grouped):
        rounds.append(parts.read(crew, material, budget, [Job(0, together=together)], progress))
    readings: list[Reading] = []
    gaps: list[Gap] = []
    skipped: list[Skipped] = []
    for done in rounds:
        for reason in done.refused.values():
            raise SourceError(f"{material.subject.name} could not be read: {reason}")
        for _, result in sorted(done.results.items()):
            readings += result.readings
            gaps += result.gaps
            skipped += result.skipped
    if out:
        readings.sort(key=lambda reading: (reading.path, reading.format))
        gaps.sort(key=lambda gap: (gap.path, gap.reason))
        skipped.sort(key=lambda one: one.path)
    packages, distro = merge([readings])
    if material.subject.kind == "sbom" and gaps and not packages:
        raise SourceError(f"{material.subject.name} could not be read: {gaps[0].reason}")
    return Inventory(
        packages=tuple(packages),
        gaps=tuple(gaps),
        distro=distro,
        covered_elsewhere=tuple(f"{one.path}: {one.reason}" for one in skipped),
        notes=first.notes,
    )

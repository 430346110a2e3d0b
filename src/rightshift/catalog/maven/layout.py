"""Coordinates by the folders of a local repository that an archive lies in. By manifest and file name: `guess.py`."""

from rightshift.catalog.maven.coordinates import Coordinates

REPOSITORIES = (".m2/repository/", "/maven2/")
"""Below these a path is the group's parts, artifact, version and file: Maven's own cache, and Coursier's of Central."""

GRADLE = "/files-2.1/"
"""Below this a path is group, artifact, version, a hash and the file."""


def of_path(path: str) -> Coordinates | None:
    """
    What the folders above a file say, if its name begins with the same artifact and version; else None.

    Source: Maven, "Repository Layout"; Gradle, "Dependency Caching".
    """
    found = _gradle(path) if GRADLE in path else _maven(path)
    if not found or not all(found):
        return None
    return found if path.rpartition("/")[2].startswith(f"{found.artifact}-{found.version}") else None


def _maven(path: str) -> Coordinates | None:
    for mark in REPOSITORIES:
        parts = path.partition(mark)[2].split("/")
        if len(parts) > 3 and all(parts):
            return Coordinates(".".join(parts[:-3]), parts[-3], parts[-2])
    return None


def _gradle(path: str) -> Coordinates | None:
    parts = path.rpartition(GRADLE)[2].split("/")
    return Coordinates(parts[0], parts[1], parts[2]) if len(parts) == 5 else None

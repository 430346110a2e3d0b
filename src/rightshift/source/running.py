"""The root of a running container, as its own processes see it. Its image and layers: `daemons/`."""

import os
from pathlib import Path

from rightshift.errors import SourceError
from rightshift.model.inventory import Subject
from rightshift.source import below
from rightshift.tree.material import TreeMaterial

_STARTED = 19
"""Place of the start time behind the name in /proc/pid/stat; the name is the second field. Source: proc(5)."""


def open_container(pid: int, container: str, name: str, proc: Path = Path("/proc")) -> TreeMaterial:
    """
    The root of a process that belongs to a container; other file systems mounted there are left out.

    Raises:
        SourceError: the process ended, is another one, or its root may not be read.
    """
    place = proc / str(pid)
    began = _started(place)
    if container not in _read(place / "cgroup") and container not in _read(place / "mountinfo"):
        raise SourceError(f"Process {pid} does not belong to the container {container[:12]}", do="Try again")
    try:
        fd = os.open(place / "root", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        what = f"The root of process {pid} can't be read: {below.reason(error)}"
        raise SourceError(what, do="Run it as root") from error
    if _started(place) != began:
        os.close(fd)
        raise SourceError(f"Process {pid} of the container {container[:12]} ended meanwhile", do="Try again")
    subject = Subject(kind="container", name=name)
    return TreeMaterial(subject=subject, fd=fd, one_file_system=True, close=lambda: os.close(fd))


def _started(place: Path) -> str:
    fields = _read(place / "stat").rpartition(")")[2].split()
    if len(fields) <= _STARTED:
        raise SourceError(f"Process {place.name} does not run any more", do="Try again")
    return fields[_STARTED]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

"""A folder on disk or the root of a host. Walking it: `tree/root`."""

import os
from pathlib import Path

from rightshift.model.inventory import Subject
from rightshift.source import below
from rightshift.tree.material import TreeMaterial

_LOCAL = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "jfs", "vfat", "exfat", "erofs", "squashfs"}
)
_STORES = {
    "var/lib/docker": "Docker",
    "var/lib/containerd": "containerd",
    "var/lib/containers": "podman and CRI-O",
    "var/lib/rancher/k3s/agent/containerd": "containerd of k3s",
    "var/lib/kubelet/pods": "the kubelet",
}


def open_directory(path: str, name: str) -> TreeMaterial:
    """
    A folder; nothing in it is left out.

    Raises:
        SourceError: it is no folder or can't be read.
    """
    fd = below.open_root(path)
    return TreeMaterial(subject=Subject(kind="directory", name=name), fd=fd, close=lambda: os.close(fd))


def open_host(path: str, name: str) -> TreeMaterial:
    """
    The root of a host: of this one, or mounted somewhere. Left out with reasons: what is no local disk, and the
    stores of container runtimes, since their images are scanned by themselves.

    Raises:
        SourceError: it is no folder or can't be read.
    """
    fd = below.open_root(path)
    stores = [(folder, f"images and containers of {owner}") for folder, owner in _STORES.items()]
    skip = (*stores, *_foreign_mounts(Path(path).resolve()))
    return TreeMaterial(subject=Subject(kind="host", name=name), fd=fd, skip=skip, close=lambda: os.close(fd))


def _foreign_mounts(root: Path) -> list[tuple[str, str]]:
    """
    Folders below a root where something is mounted that is no local disk, with the kind of file system.

    Source: proc(5), /proc/pid/mountinfo: field 5 is the place, the first field after the separator the kind.
    """
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return [("proc", "proc file system"), ("sys", "sysfs file system"), ("dev", "device files")]
    found: dict[str, str] = {}
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, kinds = before.split(" "), after.split(" ")
        if len(fields) < 5 or not kinds:
            continue
        place = Path(_unescaped(fields[4]))
        if place != root and place.is_relative_to(root):
            below_root = str(place.relative_to(root))
            found.pop(below_root, None)
            if kinds[0] not in _LOCAL:
                found[below_root] = f"{kinds[0]} file system"
    return sorted(found.items())


def _unescaped(text: str) -> str:
    for octal, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(octal, char)
    return text

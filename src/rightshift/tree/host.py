"""What of a host's root is left out: what is no file of the host, and what another scan covers. The walk: `root.py`."""

import os
import re
from collections.abc import Callable, Iterator, Mapping

from rightshift.tree import links
from rightshift.tree.file import DescriptorFile, read_whole

MOUNTS_BYTES = 16 << 20
CONFIG_BYTES = 1 << 20
USERS = 10_000

PSEUDO = frozenset(
    (
        *("autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs"),
        *("fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "rpc_pipefs", "securityfs", "selinuxfs"),
        *("sysfs", "tracefs"),
    )
)
NETWORK = frozenset(
    (
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre", "nfs", "nfs4"),
        *("ocfs2", "orangefs", "smb3", "smbfs", "virtiofs"),
    )
)
LOCAL = frozenset(
    (
        *("apfs", "bcachefs", "btrfs", "cramfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk"),
        *("hfsplus", "iso9660", "jffs2", "jfs", "msdos", "nilfs2", "ntfs", "ntfs3", "reiserfs", "squashfs", "ubifs"),
        *("udf", "vfat", "xfs", "zfs"),
    )
)
"""Disks of this machine and images on them. A kind that stands in none of these lists is left out by its name."""
PASSING = {
    "tmpfs": "state that is gone with the next start",
    "ramfs": "state that is gone with the next start",
    "overlay": "the root of a container",
}
"""Left out where systems keep their state; read elsewhere, as in /tmp, or extensions that are laid over /usr."""
STATE_FOLDERS = ("run", "var/run", "dev", "proc", "sys")

STORES = {
    "var/lib/docker": "Docker",
    "var/lib/containerd": "containerd",
    "var/lib/rancher/k3s/agent/containerd": "k3s",
    "var/lib/rancher/rke2/agent/containerd": "RKE2",
    "var/snap/microk8s/common/var/lib/containerd": "MicroK8s",
    "var/snap/docker/common/var-lib-docker": "Docker",
    "var/lib/containers/storage": "Podman and CRI-O",
    "var/lib/buildkit": "BuildKit",
    "var/lib/kubelet/pods": "the kubelet's pods",
    "var/lib/lxd": "LXD",
    "var/snap/lxd/common/lxd": "LXD",
    "var/lib/incus": "Incus",
    "var/lib/lxc": "LXC",
}
OF_A_USER = {
    ".local/share/containers/storage": "Podman of one user",
    ".local/share/docker": "Docker of one user",
    ".local/share/containerd": "containerd of one user",
    ".local/share/buildkit": "BuildKit of one user",
}

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def skips(root: str, mountinfo: str = "/proc/self/mountinfo") -> dict[str, str]:
    """
    Folders below the root of a host, parts joined by "/", each with the reason why a walk leaves it out.

    Stores of container runtimes are there whether they exist or not, also where the host's own configuration or a
    link moved them to. `root` itself is never left out, whatever it lies on. Configuration that can't be read adds
    nothing; without the list of mounts the usual places of what is no disk are left out.

    Source: proc_pid_mountinfo(5). Docker, "daemon.json", `data-root`; containers-storage.conf(5), `graphroot`;
    containerd, "config.toml", `root`.
    """
    found = {path: _covered(store) for path, store in STORES.items()}
    try:
        fd = os.open(root, _FOLDER)
    except OSError:
        return found
    try:
        for path, store in _moved(fd):
            found[path] = _covered(store)
        for home in _homes(fd):
            found |= {f"{home}/{path}": _covered(store) for path, store in OF_A_USER.items()}
        found |= dict(_linked(fd, found))
    finally:
        os.close(fd)
    return found | _mounts(os.path.realpath(root), mountinfo)


def _linked(root: int, stores: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where stores really lie whose path leads over a link; never what holds other stores, and much else with them."""
    for path, reason in tuple(stores.items()):
        try:
            real = links.real_folder(root, path)
        except OSError:
            continue
        if real and not any(store.startswith(real + "/") for store in stores):
            yield real, reason


def _covered(store: str) -> str:
    return f"the store of {store}: images and containers are scanned by themselves"


def _mounts(root: str, mountinfo: str) -> dict[str, str]:
    """Of several mounts at one place the last counts, which covers the others."""
    try:
        with open(mountinfo, "rb") as file:
            lines = file.read(MOUNTS_BYTES).splitlines()
    except OSError:
        return dict.fromkeys(("proc", "sys", "dev"), "the list of mounts can't be read, and this is seldom on a disk")
    prefix = root.rstrip("/") + "/"
    found: dict[str, str] = {}
    for line in lines:
        before, dash, after = line.partition(b" - ")
        fields = before.split(b" ")
        if not dash or len(fields) < 5:
            continue
        point = os.fsdecode(_unescaped(fields[4]))
        path = point[len(prefix) :] if point.startswith(prefix) else ""
        if path:
            found[path] = _left_out(path, os.fsdecode(after.split(b" ")[0]))
    return {path: reason for path, reason in found.items() if reason}


def _unescaped(field: bytes) -> bytes:
    r"""Blanks, tabs, line ends and backslashes stand as \040 and the like."""
    return re.sub(rb"\\([0-3][0-7]{2})", lambda found: bytes((int(found[1], 8),)), field)


def _left_out(path: str, kind: str) -> str:
    """Why a file system is left out; empty when it is read."""
    if kind in PSEUDO:
        return f"{kind}: no files of the host"
    if kind in NETWORK or kind.startswith("fuse."):
        return f"{kind}: files of another machine or program"
    if kind in PASSING:
        is_state = any(path == top or path.startswith(top + "/") for top in STATE_FOLDERS)
        return f"{kind}: {PASSING[kind]}" if is_state else ""
    return "" if kind in LOCAL else f"{kind}: no kind of file system that is known to be a disk"


def _moved(root: int) -> Iterator[tuple[str, str]]:
    """Where configuration on the host says that stores lie."""
    for file, store, read in (
        ("etc/docker/daemon.json", "Docker", _docker),
        ("etc/containers/storage.conf", "Podman and CRI-O", _storage),
        ("etc/containerd/config.toml", "containerd", _containerd),
    ):
        folder = _configured(root, file, read)
        if isinstance(folder, str) and folder.startswith("/"):
            path = "/".join(part for part in folder.split("/") if part not in ("", "."))
            if path and ".." not in path.split("/"):
                yield path, store


def _configured(root: int, path: str, read: Callable[[str], object]) -> object:
    try:
        found = links.open_file(root, path)
    except OSError:
        return None
    if found is None:
        return None
    try:
        return read(read_whole(DescriptorFile(path, found.fd, CONFIG_BYTES), CONFIG_BYTES).decode())
    except (OSError, ValueError, AttributeError, RecursionError):  # unreadable, not what its name says, another shape
        return None
    finally:
        os.close(found.fd)


def _docker(text: str) -> object:
    import json

    settings = json.loads(text)
    return settings.get("data-root") or settings.get("graph")


def _storage(text: str) -> object:
    import tomllib

    return tomllib.loads(text).get("storage", {}).get("graphroot")


def _containerd(text: str) -> object:
    import tomllib

    return tomllib.loads(text).get("root")


def _homes(root: int) -> Iterator[str]:
    yield "root"
    try:
        fd = os.open("home", _FOLDER | os.O_NOFOLLOW, dir_fd=root)
    except OSError:
        return
    try:
        with os.scandir(fd) as entries:
            for count, entry in enumerate(entries):
                if count >= USERS:
                    return
                if entry.is_dir(follow_symlinks=False):
                    yield f"home/{entry.name}"
    finally:
        os.close(fd)

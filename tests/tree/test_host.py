"""What of a host is left out: by its mounts, by the stores of container runtimes, and where those were moved to."""

import json
from pathlib import Path

import pytest

from rightshift.tree import host


def skips(root: Path, *mounts: str) -> dict[str, str]:
    """`mounts` are mount point and type; the root's own path is put before them."""
    table = root.parent / "mountinfo"
    lines = [f"{i} 1 0:{i} / {m.split()[0]} rw,relatime shared:1 - {m.split()[1]} src rw" for i, m in enumerate(mounts)]
    table.write_text("".join(f"{line}\n" for line in lines))
    return host.skips(str(root), str(table))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = tmp_path / "root"
    found.mkdir()
    return found


def test_what_is_no_file_of_the_host_is_left_out_and_disks_are_not(root: Path) -> None:
    found = skips(
        root,
        *(f"{root}/proc proc", f"{root}/sys/fs/cgroup cgroup2", f"{root}/run tmpfs", f"{root}/dev/shm tmpfs"),
        *(f"{root}/mnt/share nfs4", f"{root}/mnt/s3 fuse.s3fs", f"{root}/mnt/c 9p"),
        *(f"{root}/data ext4", f"{root}/tmp tmpfs", f"{root}/home2 xfs", f"{root} overlay", "/elsewhere proc"),
        *(f"{root}/usr overlay", f"{root}/snap/core22/1 squashfs", f"{root}/boot/efi vfat"),
    )
    mounted = {path for path, reason in found.items() if "store of" not in reason}
    assert mounted == {"proc", "sys/fs/cgroup", "run", "dev/shm", "mnt/share", "mnt/s3", "mnt/c"}
    assert found["mnt/share"] == "nfs4: files of another machine or program"


def test_a_kind_that_nobody_knows_is_left_out_by_its_name(root: Path) -> None:
    assert skips(root, f"{root}/mnt/new newfs")["mnt/new"].startswith("newfs: ")


def test_the_root_of_a_container_where_runtimes_mount_them_is_left_out(root: Path) -> None:
    place = "run/containerd/io.containerd.runtime.v2.task/k8s.io/1/rootfs"
    assert skips(root, f"{root}/{place} overlay")[place] == "overlay: the root of a container"


def test_of_mounts_at_one_place_the_last_counts(root: Path) -> None:
    found = skips(root, f"{root}/a autofs", f"{root}/a ext4", f"{root}/b ext4", f"{root}/b nfs4")
    assert "a" not in found
    assert "b" in found


def test_without_the_list_of_mounts_the_usual_places_are_left_out(root: Path) -> None:
    assert {"proc", "sys", "dev"} <= set(host.skips(str(root), str(root / "nothing")))


def test_blanks_in_mount_points_are_undone(root: Path) -> None:
    assert "my share" in skips(root, f"{root}/my\\040share cifs")


@pytest.mark.parametrize("path", ["var/lib/docker", "var/lib/containerd", "var/lib/containers/storage"])
def test_stores_of_container_runtimes_are_covered_elsewhere(root: Path, path: str) -> None:
    assert "scanned by themselves" in skips(root)[path]


def test_stores_that_configuration_moved(root: Path) -> None:
    for path, text in (
        ("etc/docker/daemon.json", json.dumps({"data-root": "/data//docker/"})),
        ("etc/containers/storage.conf", '[storage]\ngraphroot = "/data/containers"\n'),
        ("etc/containerd/config.toml", 'version = 2\nroot = "/data/containerd"\n'),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    assert {"data/docker", "data/containers", "data/containerd"} <= set(skips(root))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"data-root": 7}', '{"data-root": "/"}', '{"data-root": "/../x"}', "[" * 100_000, "\0"]
)
def test_configuration_that_says_nothing_adds_nothing(root: Path, text: str) -> None:
    before = skips(root)
    for path in ("etc/docker/daemon.json", "etc/containerd/config.toml", "etc/containers/storage.conf"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    assert skips(root) == before


def test_stores_that_a_link_moved(root: Path) -> None:
    for path in ("data/docker", "data/k3s/agent/containerd", "var/lib/rancher", "home/ada/.local/share"):
        (root / path).mkdir(parents=True)
    (root / "var/lib/docker").symlink_to("/data/docker")
    (root / "var/lib/rancher/k3s").symlink_to("../../../data/k3s")
    (root / "home/ada/.local/share/containers").symlink_to("/data/containers")
    (root / "data/containers/storage").mkdir(parents=True)
    found = skips(root)
    assert {"data/docker", "data/k3s/agent/containerd", "data/containers/storage"} <= set(found)
    assert "store of Docker" in found["data/docker"]


@pytest.mark.parametrize("target", ["/", "..", "/var", "/nothing", "docker", "/etc/file", "../../../../../tmp"])
def test_links_that_lead_to_no_folder_below_the_root_leave_nothing_out(root: Path, target: str) -> None:
    (root / "etc").mkdir()
    (root / "etc/file").touch()
    (root / "var/lib").mkdir(parents=True)
    before = skips(root)
    (root / "var/lib/docker").symlink_to(target)
    assert skips(root) == before


def test_configuration_outside_of_the_root_is_not_read(root: Path) -> None:
    (root.parent / "daemon.json").write_text('{"data-root": "/data"}')
    (root / "etc/docker").mkdir(parents=True)
    (root / "etc/docker/daemon.json").symlink_to("../../../daemon.json")
    assert "data" not in skips(root)


def test_stores_of_each_user(root: Path) -> None:
    (root / "home/ada").mkdir(parents=True)
    found = skips(root)
    assert {"home/ada/.local/share/containers/storage", "root/.local/share/docker"} <= set(found)


def test_a_root_that_is_not_there_has_the_usual_stores(root: Path) -> None:
    assert set(host.skips(str(root / "nothing"), str(root / "nothing"))) == set(host.STORES)

"""Which releases of the feed hold for which distribution."""

import pytest

from rightshift.feed.distributions import part
from rightshift.model.package import Distro


@pytest.mark.parametrize(
    ("distro", "ecosystem", "holds", "not_held"),
    [
        (Distro("debian", "12"), "Debian", "12", "11"),
        (Distro("debian", "12.5"), "Debian", "12", "12.5"),
        (Distro("debian", "6.0.10"), "Debian", "6.0", "6"),
        (Distro("debian", "", codename="trixie"), "Debian", "13", ""),
        (Distro("debian", "trixie/sid"), "Debian", "13", ""),
        (Distro("ubuntu", "22.04"), "Ubuntu", "22.04:LTS", "Pro:22.04:LTS"),
        (Distro("ubuntu", "23.10"), "Ubuntu", "23.10", "22.04:LTS"),
        (Distro("alpine", "3.19.1"), "Alpine", "v3.19", "v3.1"),
        (Distro("alpine", "3.10.2"), "Alpine", "v3.10", "v3.1"),
        (Distro("alpine", "3.21_alpha20240807"), "Alpine", "edge", "v3.21"),
        (Distro("alpaquita", "stream"), "Alpaquita", "stream", "23"),
        (Distro("almalinux", "8.5"), "AlmaLinux", "8", "9"),
        (Distro("rocky", "9.3"), "Rocky Linux", "9", "8"),
        (Distro("rhel", "9.3"), "Red Hat", "enterprise_linux:9::appstream", "enterprise_linux:8::appstream"),
        (Distro("centos", "7"), "Red Hat", "enterprise_linux:7", "enterprise_linux:70"),
        (Distro("sles", "15.5"), "SUSE", "Linux Enterprise Server 15 SP5", "Linux Enterprise Server 15 SP4"),
        (Distro("opensuse-leap", "15.5"), "openSUSE", "Leap 15.5", "Tumbleweed"),
        (Distro("wolfi", "20230201"), "Wolfi", "", "20230201"),
        (Distro("photon", "5.0"), "Photon OS", "5.0", "4.0"),
        (Distro("mariner", "2.0.20240101"), "Azure Linux", "2", "3"),
        (Distro("DEBIAN", "12"), "Debian", "12", "11"),
    ],
    ids=lambda value: f"{value.id} {value.version}" if isinstance(value, Distro) else "",
)
def test_releases(distro: Distro, ecosystem: str, holds: str, not_held: str) -> None:
    found = part(distro)
    assert found is not None
    assert (found.ecosystem, found.holds(holds), found.holds(not_held)) == (ecosystem, True, False)


def test_a_derivative_is_not_its_parent() -> None:
    assert part(Distro("linuxmint", "21", like=("ubuntu", "debian"))) is None


def test_debian_without_any_release_holds_for_none() -> None:
    found = part(Distro("debian"))
    assert found is not None
    assert not any(map(found.holds, ("", "12", "13")))

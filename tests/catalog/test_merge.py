"""Layers over each other: what is still there, since which layer, in which distribution, and whose files it is."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.merge import merge
from rightshift.catalog.walk import Reading
from rightshift.model.package import Distro, Owned, Package

DEBIAN = Reading("etc/os-release", "os-release", distros=(Distro("debian", "12"),))


def deb(*names: str, at: str = "var/lib/dpkg/status") -> Reading:
    packages = [Package(ecosystem="deb", name=n, version="1", arch="amd64", locations=(at,)) for n in names]
    return Reading(at, "dpkg-status", tuple(packages))


def npm(place: str, version: str = "1", **more: object) -> Reading:
    package = Package(ecosystem="npm", name="left-pad", version=version, locations=(place,), **more)  # type: ignore[arg-type]
    return Reading(place, "package-json", (package,))


def test_what_an_upper_layer_hides_is_gone() -> None:
    layers = [[npm("app/node_modules/left-pad/package.json")], [deb("base")]]
    packages, _ = merge(layers, lambda layer, path: not (layer == 0 and path.startswith("app/")))
    assert [package.name for package in packages] == ["base"]


def test_a_package_came_with_the_first_layer_that_names_it_without_a_break() -> None:
    layers = [[deb("kept", "dropped")], [deb("kept", "added")], [deb("kept", "added", "dropped")]]
    packages, _ = merge(layers, lambda layer, _: layer == 2)
    assert {package.name: package.layer for package in packages} == {"kept": 0, "added": 1, "dropped": 2}


def test_an_os_package_belongs_to_the_distribution_of_its_root() -> None:
    alpine = Reading("srv/root/etc/os-release", "os-release", distros=(Distro("alpine", "3.19", root="srv/root"),))
    inner = deb("inner", at="srv/root/var/lib/dpkg/status")
    packages, distro = merge([[DEBIAN, alpine, inner, deb("outer")]])
    assert {package.name: package.distro.id for package in packages if package.distro} == {
        "inner": "alpine",
        "outer": "debian",
    }
    assert distro == Distro("debian", "12")


def test_a_database_without_a_distribution_beside_it_is_of_none() -> None:
    packages, _ = merge([[DEBIAN, deb("inner", at="srv/cache/var/lib/dpkg/status"), deb("inner")]])
    assert [package.distro.id if package.distro else "" for package in packages] == ["debian", ""]


def test_a_file_that_an_os_package_owns_names_its_owner() -> None:
    place = "usr/lib/node_modules/left-pad/package.json"
    owned = Reading("var/lib/dpkg/info/node-left-pad.list", "dpkg-list", owned=(Owned("node-left-pad", "", (place,)),))
    packages, _ = merge([[DEBIAN, deb("node-left-pad"), npm(place), owned]])
    by_type = {package.ecosystem: package for package in packages}
    assert by_type["npm"].owner == by_type["deb"].purl


def test_a_copy_that_nobody_owns_stays_apart() -> None:
    place = "usr/lib/node_modules/left-pad/package.json"
    owned = Reading("var/lib/dpkg/info/node-left-pad.list", "dpkg-list", owned=(Owned("node-left-pad", "", (place,)),))
    packages, _ = merge([[deb("node-left-pad"), npm(place), npm("app/node_modules/left-pad/package.json"), owned]])
    assert [bool(package.owner) for package in packages if package.ecosystem == "npm"] == [False, True]


def test_a_database_may_write_paths_through_the_merged_folders() -> None:
    owned = Reading("var/lib/dpkg/info/tool.list", "dpkg-list", owned=(Owned("tool", "", ("lib/left/package.json",)),))
    packages, _ = merge([[deb("tool"), npm("usr/lib/left/package.json"), owned]])
    assert [package.owner for package in packages if package.ecosystem == "npm"] == ["pkg:deb/tool@1?arch=amd64"]


def test_the_same_package_at_several_places_is_one() -> None:
    first, second = npm("b/node_modules/left-pad/package.json", dev=True), npm("a/node_modules/left-pad/package.json")
    (package,), _ = merge([[first, second]])
    assert package.locations == (first.path, second.path)
    assert not package.dev


def test_what_only_a_lock_file_names_is_marked_where_an_installed_tree_lies_beside_it() -> None:
    installed = npm("app/node_modules/left-pad/package.json", "1")
    beside = npm("app/package-lock.json", "2", state="locked")
    apart = npm("other/package-lock.json", "3", state="locked")
    packages, _ = merge([[installed, beside, apart]])
    assert {package.version: package.not_installed for package in packages} == {"1": False, "2": True, "3": False}


def test_a_lock_file_inside_an_installed_package_is_its_own_affair() -> None:
    packages, _ = merge([[npm("node_modules/x/package-lock.json", "2", state="locked")]])
    assert packages == []


def test_a_tree_has_no_layers() -> None:
    (package,), _ = merge([[deb("base")]])
    assert package.layer is None


names = st.lists(st.sampled_from("abcd"), unique=True)


@given(st.lists(names, min_size=1, max_size=4))
def test_the_top_database_decides_and_the_order_is_stable(layers: list[list[str]]) -> None:
    top = len(layers) - 1
    readings = [[deb(*layer)] for layer in layers]
    packages, _ = merge(readings, lambda layer, _: layer == top)
    assert [package.name for package in packages] == sorted(layers[-1])
    for package in packages:
        assert package.layer is not None
        assert all(package.name in layer for layer in layers[package.layer :])
        assert package.layer == 0 or package.name not in layers[package.layer - 1]


def test_state_and_licences_come_from_all_places() -> None:
    claimed = replace(npm("x.cdx.json").packages[0], state="claimed", licenses=("MIT",))
    installed = replace(npm("node_modules/left-pad/package.json").packages[0], licenses=("ISC",))
    (package,), _ = merge([[Reading("x", "x", (claimed,)), Reading("y", "y", (installed,))]])
    assert (package.state, package.licenses) == ("installed", ("MIT", "ISC"))

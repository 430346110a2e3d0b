"""What people call the thing to scan."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import SourceError, UsageError
from rightshift.source import reference
from rightshift.source.reference import ImageName
from tests.source import images

HEX = "0" * 64


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("team/app", "docker.io/team/app:latest"),
        ("docker.io/nginx", "docker.io/library/nginx:latest"),
        ("index.docker.io/team/app:2", "docker.io/team/app:2"),
        ("ghcr.io/a/b/c:x", "ghcr.io/a/b/c:x"),
        ("localhost/app", "localhost/app:latest"),
        ("localhost:5000/app", "localhost:5000/app:latest"),
        ("127.0.0.1:5000/a/b:1", "127.0.0.1:5000/a/b:1"),
        ("[::1]:5000/app:1", "[::1]:5000/app:1"),
        (f"nginx@sha256:{HEX}", f"docker.io/library/nginx@sha256:{HEX}"),
        (f"nginx:1@sha256:{HEX}", f"docker.io/library/nginx:1@sha256:{HEX}"),
        ("quay.io/a_b/c--d__e.f", "quay.io/a_b/c--d__e.f:latest"),
    ],
)
def test_names_of_images_are_completed(text: str, expected: str) -> None:
    assert str(reference.image_name(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "Nginx", "a//b", "a/", "a:", "a:b:c", "a@", "a@sha256:12", "-a", "a..b", "a b", "a/../b", "host:99999/a",
     "host:0/a", "a:" + "t" * 129, "x" * 256, "[::1/a", "e..x.io/a", "a:-x", "ü.io/a", "a/ü"],
)  # fmt: skip
def test_what_is_no_name_of_an_image_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        reference.image_name(text)


def test_upper_case_is_told_with_the_right_spelling() -> None:
    with pytest.raises(UsageError, match="team/app"):
        reference.image_name("team/App")


@given(st.text(max_size=300))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        found = reference.image_name(text)
    except UsageError:
        return
    assert reference.image_name(str(found)) == found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("registry:nginx", "registry"),
        ("docker:nginx", "docker"),
        ("podman:nginx", "podman"),
        ("containerd:nginx", "containerd"),
    ],
)
def test_a_prefix_says_where_an_image_is_looked_for(text: str, kind: str) -> None:
    found = reference.parse(text)
    assert found.kind == kind
    assert found.image == ImageName(host="docker.io", repository="library/nginx", tag="latest")


def test_runtimes_also_take_what_is_no_name_of_an_image() -> None:
    found = reference.parse("docker:My_Container")
    assert (found.container, found.image) == ("My_Container", None)


def test_without_a_prefix_a_name_that_is_no_path_is_an_image() -> None:
    assert reference.parse("nginx:1").kind == "image"


@pytest.mark.parametrize("text", ["./nginx", "/no/such/place", "~/x", "image.tar", "bom.cdx.json", "../x"])
def test_what_looks_like_a_path_and_is_not_there_is_told(text: str) -> None:
    with pytest.raises(SourceError, match="no file or folder here"):
        reference.parse(text)


@pytest.mark.parametrize("text", ["", "a\0b", "a\nb", "x" * 5000, "registry:", "dir:", "oci:"])
def test_what_names_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        reference.parse(text)


def test_a_host_is_its_root_unless_a_path_is_given(tmp_path: Path) -> None:
    assert reference.parse("host:").path == "/"
    assert reference.parse(f"host:{tmp_path}").path == str(tmp_path)


def test_a_folder_named_like_an_image_is_the_folder(tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    assert reference.parse("nginx").kind == "directory"
    assert reference.parse("registry:nginx").kind == "registry"


def test_a_file_whose_name_has_a_prefix_in_it_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "dir:x").mkdir()
    assert reference.parse("dir:x") == reference.Reference(kind="directory", text="dir:x", path="dir:x")


@pytest.mark.parametrize("entry", ["", "1.0", "team/app:1.0", f"sha256:{HEX}"])
def test_a_layout_may_be_followed_by_the_image_that_is_meant(tmp_path: Path, entry: str) -> None:
    images.write(tmp_path / "layout", images.layout_files(images.image()))
    sign = "@" if entry.startswith("sha256:") else ":"
    found = reference.parse(f"oci:layout{sign if entry else ''}{entry}")
    assert (found.kind, found.path, found.entry) == ("oci-layout", "layout", entry)


def test_a_layout_that_is_missing_is_told() -> None:
    with pytest.raises(SourceError, match="no file or folder here"):
        reference.parse("oci:layout:1.0")


def test_every_prefix_is_understood(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for prefix, kind in reference.PREFIXES.items():
        assert reference.parse(f"{prefix}:x").kind == kind

"""Which platform is meant, and which of several serves it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.errors import UsageError
from rightshift.source import platforms
from rightshift.source.platforms import Platform

NAMES = st.sampled_from(["amd64", "arm64", "arm", "386"])
VARIANTS = st.sampled_from(["", "v5", "v6", "v7", "v8"])
PLATFORMS = st.builds(Platform, st.sampled_from(["linux", "windows"]), NAMES, VARIANTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/arm64", Platform("linux", "arm64")),
        ("linux/arm/v7", Platform("linux", "arm", "v7")),
        ("arm64", Platform("linux", "arm64")),
        ("x86_64", Platform("linux", "amd64")),
        ("aarch64", Platform("linux", "arm64")),
        ("Windows/AMD64", Platform("windows", "amd64")),
    ],
)
def test_platforms_are_read_as_people_write_them(text: str, expected: Platform) -> None:
    assert platforms.parse(text) == expected


@pytest.mark.parametrize("text", ["", "/", "linux/", "linux/arm/v7/x", "lin ux/amd64", "linux/../x"])
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        platforms.parse(text)


def test_arm64_and_its_only_variant_are_the_same() -> None:
    assert platforms.suits(Platform("linux", "arm64"), Platform("linux", "arm64", "v8"))


def test_a_newer_arm_runs_images_for_older_ones_and_takes_the_closest() -> None:
    offered = [Platform("linux", "arm", "v5"), Platform("linux", "arm", "v6"), Platform("linux", "arm64")]
    assert platforms.best(Platform("linux", "arm", "v7"), offered) == 1
    assert platforms.best(Platform("linux", "arm", "v5"), offered[1:]) is None


@given(PLATFORMS)
def test_each_platform_serves_itself_best(platform: Platform) -> None:
    assert platforms.best(platform, [platform]) == 0


@given(PLATFORMS, st.lists(PLATFORMS))
def test_another_system_or_architecture_never_serves(wanted: Platform, offered: list[Platform]) -> None:
    place = platforms.best(wanted, offered)
    if place is not None:
        assert (offered[place].os, offered[place].architecture) == (wanted.os, wanted.architecture)

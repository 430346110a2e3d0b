"""Which module a main package belongs to, and which version the linker was told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.golang.main_module import linked_version, of_package


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("github.com/o/app", "github.com/o/app"),
        ("github.com/o/app/cmd/serve", "github.com/o/app"),
        ("github.com/o/app/v3/cmd/serve", "github.com/o/app/v3"),
        ("github.com/o/app/version", "github.com/o/app"),
        ("example.org/x/cmd/serve", "example.org/x"),
        ("example.org/x/tool", "example.org/x/tool"),
        ("cmd/go", ""),
        ("command-line-arguments", ""),
        ("", ""),
    ],
)
def test_the_module_of_a_main_package(path: str, module: str) -> None:
    assert of_package(path) == module


@pytest.mark.parametrize(
    ("flags", "version"),
    [
        ("-X main.version=1.4.0", "v1.4.0"),
        ('"-s -w -X main.Version=v1.4.0-rc.1"', "v1.4.0-rc.1"),
        ("-X=main.buildVersion=1.4.0", "v1.4.0"),
        (
            r'"\t-X \"example.com/app/dockerversion.Version=20.10.24+dfsg1\" \t-X \"example.com/app.GitCommit=5d\""',
            "v20.10.24+dfsg1",
        ),
        ("-X 'main.version=1.4.0' -X main.date=2024.1.1", "v1.4.0"),
        ("-X github.com/prometheus/common/version.Version=2.45.0", "v2.45.0"),
        ("-X main.version=1.4.0 -X example.com/app/api.Version=2.0.0", "v1.4.0"),
        ("-X example.com/app/api.Version=2.0.0 -X k8s.io/component-base/version.gitVersion=v1.27.3", "v2.0.0"),
    ],
)
def test_the_version_that_the_linker_was_told(flags: str, version: str) -> None:
    assert linked_version("example.com/app", flags) == version


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "-s -w",
        "-X main.commit=1.4.0",
        "-X main.version=dev",
        "-X main.version=1.4",
        "-X main.version=v1.4.0-5-g0123abc",
        "-X example.com/apple.Version=1.4.0",
        "-X example.com/other.Version=1.4.0",
        "-X main.version=1.4.0 -X main.gitTag=1.5.0",
        "-Xmain.version=1.4.0",
    ],
)
def test_no_version_where_it_is_not_sure(flags: str) -> None:
    assert linked_version("example.com/app", flags) == ""


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_text_raises(flags: str, path: str) -> None:
    assert linked_version(of_package(path), flags) == "" or "-X" in flags

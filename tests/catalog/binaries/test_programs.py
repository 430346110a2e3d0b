"""Which programs are known by a text that they hold, made up for all and real for what this machine has."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.binaries import programs
from rightshift.catalog.binaries.classifiers import BY_FILE, CLASSIFIERS
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import DescriptorFile, MemoryFile


def read(name: str, content: bytes) -> list[tuple[str, str]]:
    items = programs.read_file(MemoryFile("opt/app/bin/" + name, content))
    return [(item.name, item.version) for item in items if isinstance(item, Package)]


def gaps(name: str, content: bytes) -> list[str]:
    return [i.reason for i in programs.read_file(MemoryFile("bin/" + name, content)) if isinstance(i, Gap)]


MADE_UP = [
    ("python3.11", b"\x003.11.7\0", ("python", "3.11.7")),
    ("python3.13", b"\x003.13.0rc2\0", ("python", "3.13.0rc2")),
    ("python2.7", b"\x002.7.18\0", ("python", "2.7.18")),
    ("libpython3.9.so.1.0", b"\x003.9.2+\0", ("python", "3.9.2+")),
    ("python3", b"PYTHONHOME\x003.12.1\0", ("python", "3.12.1")),
    ("node", b"node.js/v18.19.0\0", ("node", "18.19.0")),
    ("openssl", b"OpenSSL 3.0.11 19 Sep 2023\0", ("openssl", "3.0.11")),
    ("libcrypto.so.1.0.0", b"OpenSSL 1.0.2zh-fips  30 May 2023\0", ("openssl", "1.0.2zh")),
    ("libssl.so.1.1", b"OpenSSL 1.1.1w  11 Sep 2023\0", ("openssl", "1.1.1w")),
    ("busybox", b"BusyBox v1.36.1 (2023-11-07)", ("busybox", "1.36.1")),
    ("nginx", b"nginx version: nginx/1.25.3\0", ("nginx", "1.25.3")),
    ("httpd", b"Apache/2.4.58 (Unix)\0", ("httpd", "2.4.58")),
    ("apache2", b"Apache/2.4\0Apache/2.4.57 (Debian)\0", ("httpd", "2.4.57")),
    ("redis-server", b"7.0.151790282056000000000\0", ("redis", "7.0.15")),
    ("redis-server", b"7.2.4buildkitsandbox-1704812345000000000\0", ("redis", "7.2.4")),
    ("redis-server", b"7.2.43f2e1d4c5b6a-1704812345000000000\0", ("redis", "7.2.4")),
    ("redis-server", b"6.2.14af2e1d4c5b6a-1704812345000000000\0", ("redis", "6.2.14")),
    ("postgres", b"postgres (PostgreSQL) 16.1 (Debian 16.1-1)\n", ("postgresql", "16.1")),
    ("mysqld", b"/usr/src/mysql-8.0.35/sql/mysqld.cc\0", ("mysql", "8.0.35")),
    ("mysqld", b"/build/mysql-8.0-abcdef/mysql-8.0-8.0.36/sql\0", ("mysql", "8.0.36")),
    ("mariadbd", b"\x0010.11.6-MariaDB\0", ("mariadb", "10.11.6")),
    ("haproxy", b"%s version 2.8.3-86e043a, released 2023/09/07<", ("haproxy", "2.8.3")),
    ("php8.2", b"X-Powered-By: PHP/8.2.13\0", ("php", "8.2.13")),
    ("php-fpm", b"X-Powered-By: PHP/8.3.0RC6\0", ("php", "8.3.0RC6")),
    ("libjvm.so", b"OpenJDK 64-Bit Server VM (17.0.9+9) for linux-amd64 JRE (17.0.9+9), built", ("java", "17.0.9")),
    ("libjvm.so", b"Server VM (25.392-b08) for linux-amd64 JRE (1.8.0_392-b08), built", ("java", "1.8.0_392")),
    ("curl", b"curl 8.4.0 (x86_64)\0curl/8.4.0\0", ("curl", "8.4.0")),
    ("libcurl.so.4.8.0", b"libcurl/7.88.1\0", ("curl", "7.88.1")),
    ("go", b"\xff Go buildinf:\x08\x02" + b"\0" * 16 + b"\x08go1.21.4\0", ("go", "1.21.4")),
    ("envoy", b"envoy.reloadable_features.x\x001.28.0\0", ("envoy", "1.28.0")),
]


@pytest.mark.parametrize(("name", "content", "expected"), MADE_UP, ids=[f"{m[0]}-{m[2][1]}" for m in MADE_UP])
def test_a_name_and_a_text_that_agree(name: str, content: bytes, expected: tuple[str, str]) -> None:
    noise = b"\x7fELF" + b"\0" * 500
    assert read(name, noise + content + noise) == [expected]
    assert read(name, noise) == []
    assert read("other", noise + content + noise) == []


def test_each_program_has_an_example() -> None:
    assert {expected[0] for _, _, expected in MADE_UP} == {classifier.name for classifier in CLASSIFIERS}


@pytest.mark.parametrize("over", range(-40, 41, 4))
def test_a_text_across_the_border_of_two_chunks_is_found(over: int) -> None:
    for name, content, expected in MADE_UP:
        assert read(name, b"\x01" * (programs.CHUNK_BYTES + over) + content + b"\0" * 10) == [expected]


def test_where_texts_disagree_there_is_no_package_but_a_gap() -> None:
    content = b"\x003.11.7\0 and \x003.11.2\0"
    assert read("python3.11", content) == []
    assert gaps("python3.11", content) == ["looks like python, and holds several versions: 3.11.7, 3.11.2"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("node", b"node.js/v"),
        ("node", b"1."),
        ("python3.11", b"\x003.11."),
        ("redis-server", b"7.0.15000000000\0"),
        ("haproxy", b"version 2.6, released 2"),
        ("openssl", b"OpenSSL 1.1.1"),
    ],
)
def test_a_file_that_is_almost_a_version_everywhere_ends_soon(name: str, part: bytes) -> None:
    content = part * ((8 << 20) // len(part))
    started = time.process_time()
    assert read(name, content) == []
    assert time.process_time() - started < 5


@given(st.sampled_from(sorted(BY_FILE)), st.lists(st.binary(max_size=20) | st.sampled_from([m[1] for m in MADE_UP])))
def test_no_bytes_raise_anything(name: str, parts: list[bytes]) -> None:
    list(programs.read_file(MemoryFile(name, b"".join(parts))))


INSTALLED = {
    "/usr/bin/openssl": "openssl",
    "/usr/bin/python3.11": "python3.11-minimal",
    "/usr/bin/curl": "curl",
    "/usr/bin/node": "nodejs",
    "/bin/busybox": "busybox",
    "/usr/sbin/nginx": "nginx",
    "/usr/sbin/apache2": "apache2-bin",
    "/usr/bin/redis-check-rdb": "redis-tools",
    "/usr/lib/postgresql/15/bin/postgres": "postgresql-15",
    "/usr/sbin/mariadbd": "mariadb-server-core",
    "/usr/sbin/haproxy": "haproxy",
    "/usr/bin/php8.2": "php8.2-cli",
    "/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so": "openjdk-17-jre-headless",
    "/usr/lib/go-1.19/bin/go": "golang-1.19-go",
}


UNPACKED = Path(__file__).parents[3] / "build/programs"


def real(program: str) -> tuple[Path, str]:
    """A program as Debian built it, and its package's version: unpacked by real_programs.sh, or installed here."""
    package = INSTALLED[program]
    unpacked = UNPACKED / package / program.lstrip("/")
    if unpacked.is_file():
        return unpacked, (UNPACKED / package / "version").read_text().strip()
    if not Path(program).is_file():
        pytest.skip(f"{program} is not here: sh tests/real_programs.sh, or apt-get install {package}")
    query = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True)
    if query.returncode:
        pytest.skip(f"{program} is not dpkg's {package}")
    return Path(program), query.stdout


@pytest.mark.apt
@pytest.mark.parametrize("program", INSTALLED)
def test_a_real_program_has_the_version_of_its_package(program: str) -> None:
    path, version = real(program)
    fd = os.open(path, os.O_RDONLY)
    try:
        file = DescriptorFile(program, fd, os.fstat(fd).st_size)
        (found,) = programs.read_file(file)
    finally:
        os.close(fd)
    assert isinstance(found, Package)
    assert version.rpartition(":")[2].startswith(found.version)

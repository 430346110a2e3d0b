"""Programs that no package brought, told by a text that they hold. How a file is searched: `programs.py`."""

import re
from dataclasses import dataclass

PYTHONS = (*(f"3.{minor}" for minor in range(5, 20)), "2.7")


@dataclass(frozen=True, slots=True)
class Classifier:
    """
    How one program is known. Files of these names are searched for `anchors`; around each, `pattern` must match.

    A name ends behind `.so`, whatever follows. `before` says how many bytes ahead of the anchor the pattern begins at
    most. The pattern's last group that matched is the version; all its repetitions are bounded, and it spans no more
    than `SPAN_BYTES`. `alone` is for texts that could be another part's: all places must agree.
    """

    name: str
    files: tuple[str, ...]
    anchors: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    before: int = 0
    alone: bool = False
    besides: bytes = b""
    """Must also stand somewhere in the file."""


SPAN_BYTES = 256
"""Behind an anchor."""

_RELEASE = rb"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"


def _of(name: str, files: str, anchor: bytes, pattern: bytes, before: int = 0) -> Classifier:
    return Classifier(name, tuple(files.split()), (anchor,), re.compile(pattern, re.DOTALL), before)


def _alone(name: str, files: str, anchors: tuple[bytes, ...], pattern: bytes, besides: bytes = b"") -> Classifier:
    return Classifier(name, tuple(files.split()), anchors, re.compile(pattern), 0, True, besides)


def _python(release: str) -> Classifier:
    known = release.encode()
    return _alone(
        "python",
        f"python{release} python{release}m python{release}d libpython{release}.so libpython{release}m.so",
        (b"\0" + known + b".",),
        rb"\0(" + re.escape(known) + rb"\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]{1,2})?\+?)\0",
    )


_PHPS = " ".join(
    f"php{v} php-fpm{v} php-cgi{v} libphp{v}.so" for v in ("7.4", "8.0", "8.1", "8.2", "8.3", "8.4", "8.5")
)

CLASSIFIERS = (
    *(_python(release) for release in PYTHONS),
    _alone(
        "python",
        "python python3",
        (b"\0003.",),
        rb"\0(3\.(?:[5-9]|1[0-9])\.[0-9]{1,2}(?:(?:a|b|rc)[0-9]{1,2})?\+?)\0",
        b"PYTHONHOME",
    ),
    _of("node", "node nodejs libnode.so", b"node.js/v", rb"node\.js/v(" + _RELEASE + rb"(?:-[a-z0-9.]{1,30})?)"),
    _of(
        "openssl",
        "openssl libcrypto.so libssl.so",
        b"OpenSSL ",
        rb"OpenSSL ([0-9]\.[0-9]\.[0-9]{1,2}[a-z]{0,2}(?:-(?:alpha|beta|pre)[0-9]{1,2})?)[a-z+-]{0,10}"
        rb" {1,2}[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}",
    ),
    _of("busybox", "busybox", b"BusyBox v", rb"BusyBox v([0-9]\.[0-9]{1,3}(?:\.[0-9]{1,3})?)"),
    _of("nginx", "nginx", b"nginx version: nginx/", rb"nginx version: nginx/(" + _RELEASE + rb")"),
    _of("httpd", "httpd apache2", b"Apache/2.", rb"Apache/(2\.[0-9]{1,2}\.[0-9]{1,3})"),
    _of(
        "redis",
        "redis-server redis-check-rdb redis-check-aof redis-sentinel",
        b"000000000\0",
        # version, host and time of the build, "0" for no changes: a container's name as host begins with a digit, too
        rb"([2-9]\.[0-9]{1,2}\.[0-9]{1,2})(?=[0-9a-f]{12}-1[0-9]{9}0{9}\0)|"
        rb"([2-9]\.[0-9]{1,2}\.[0-9]{1,2})(?=(?:[A-Za-z][A-Za-z0-9._-]{0,63}-)?1[0-9]{9}0{9}\0)",
        96,
    ),
    _of(
        "postgresql",
        "postgres",
        b"(PostgreSQL) ",
        rb"\(PostgreSQL\) ([0-9]{1,2}(?:\.[0-9]{1,3}){1,2}|[0-9]{1,2}(?:beta|rc)[0-9])",
    ),
    _of("mariadb", "mariadbd mysqld", b"-MariaDB", rb"\0([0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,3})-MariaDB", 12),
    _of("mysql", "mysqld", b"/mysql-", rb"/mysql-(?:[0-9]\.[0-9]{1,2}-)?([589]\.[0-9]{1,2}\.[0-9]{1,3})/"),
    _of(
        "haproxy",
        "haproxy",
        b", released 2",
        rb"version ([0-9]\.[0-9]{1,2}(?:\.[0-9]{1,3}|-dev[0-9]{1,3}))[^\0\n,]{0,48}, released 2",
        96,
    ),
    _of(
        "php",
        f"php php-fpm php-cgi libphp.so {_PHPS}",
        b"X-Powered-By: PHP/",
        rb"X-Powered-By: PHP/(" + _RELEASE + rb"(?:RC[0-9])?)",
    ),
    _of("java", "libjvm.so", b" JRE (", rb" JRE \(((?:1\.)?[0-9]{1,2}(?:\.[0-9]{1,3}){0,4}(?:_[0-9]{1,3})?)"),
    _of("curl", "curl", b"curl/", rb"curl/(" + _RELEASE + rb")"),
    _of("curl", "libcurl.so", b"libcurl/", rb"libcurl/(" + _RELEASE + rb")"),
    _of(
        "go",
        "go",
        b"\xff Go buildinf:",
        rb"\xff Go buildinf:.{18}.go([0-9]\.[0-9]{1,3}(?:\.[0-9]{1,3})?(?:(?:rc|beta)[0-9]{1,2})?)",
    ),
    _alone(
        "envoy",
        "envoy",
        (b"\0001.",),
        rb"\0(1\.[1-9][0-9]\.[0-9]{1,2})\0",
        b"envoy.reloadable_features.",
    ),
)
"""Names are those of the projects; `pkg:generic` says that no ecosystem answers for them."""

BY_FILE: dict[str, list[Classifier]] = {}
for _classifier in CLASSIFIERS:
    for _file in _classifier.files:
        BY_FILE.setdefault(_file, []).append(_classifier)

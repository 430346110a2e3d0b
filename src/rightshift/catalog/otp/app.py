"""`ebin/*.app`: one Erlang application as it is installed. What a project was locked to: `hex/`."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.errors import Malformed
from rightshift.model.package import Package

_COMMENT = re.compile(r"^[ \t]*%[^\n]*", re.MULTILINE)
_APPLICATION = re.compile(r"\s*\{\s{0,200}application\s{0,200},\s{0,200}(?:'([^'\\\n]{1,200})'|([a-z][\w@]{0,200}))")
_VERSION = re.compile(r'\{\s{0,200}vsn\s{0,200},\s{0,200}"([^"\\\n]{0,256})"')


class MalformedApp(Malformed):
    """Text that describes no application with a version."""


def read(content: bytes) -> Iterator[Package]:
    """
    The one application.

    Raises: MalformedApp.
    Source: Erlang/OTP, Application Reference, "app".
    """
    text = _COMMENT.sub("", content.decode("utf-8", "replace"))
    name, version = _APPLICATION.match(text), _VERSION.search(text)
    if not name or not version:
        raise MalformedApp("no application with a version")
    yield Package(ecosystem="otp", name=name[1] or name[2], version=version[1])


FORMAT = Format(
    name="otp-app",
    ecosystem="otp",
    title="Erlang: ebin/*.app",
    patterns=("ebin/*.app",),
    limit_bytes=4 << 20,
    read=read,
)

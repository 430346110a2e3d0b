"""Versions of R packages: numbers between dots or hyphens."""

import re
from functools import lru_cache

from rightshift.versions.scheme import REMEMBERED, Key, Scheme, Unparsable, bounded

_SHAPE = re.compile(r"[0-9]+(?:[.-][0-9]+)*")


@lru_cache(maxsize=REMEMBERED)
def key(version: str) -> Key:
    """
    Number by number, dots and hyphens alike; of two that begin alike the shorter is older (1.0 < 1.0.0).

    Raises: Unparsable.
    Source: Writing R Extensions, "The DESCRIPTION file"; R, package_version and compareVersion.
    """
    text = bounded("cran", version)
    if not _SHAPE.fullmatch(text):
        raise Unparsable("cran", version)
    return tuple(int(part) for part in text.replace("-", ".").split("."))


SCHEME = Scheme(name="cran", ecosystems=("cran", "bioconductor"), key=key)

"""What a source can be. How that is said: `reference.py`; how it is guessed from a file: `magic.py`."""

from typing import Literal

Kind = Literal[
    "image",
    "registry",
    "docker",
    "podman",
    "containerd",
    "oci-layout",
    "oci-archive",
    "docker-archive",
    "directory",
    "host",
    "file",
    "sbom",
    "tar",
    "zip",
]
"""What to open. `image` was guessed: local stores first, then its registry."""

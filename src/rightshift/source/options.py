"""What a source may be told: platform, credentials, certificates, hosts, stores. The defaults suit a person's shell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rightshift.egress.flows.credential import Credential
    from rightshift.egress.proxies import Proxies
    from rightshift.source.registries.connections import Connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Folders of container runtimes on this machine; those that are missing are passed over."""

    docker: tuple[Path, ...] = (Path("/var/lib/docker"),)
    podman: tuple[Path, ...] | None = None
    """None: the system's store and this user's own."""
    containerd: tuple[Path, ...] = (Path("/var/lib/containerd"), Path("/var/lib/rancher/k3s/agent/containerd"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to open a source. `platform` is as `linux/arm64`; empty is this machine's, or the only one there is."""

    platform: str = ""
    skip: tuple[str, ...] = ()
    """Folders inside a folder or host that are left out."""
    plain_http: frozenset[str] = frozenset()
    """Hosts, with or without a port, that may be asked without TLS. This machine's own names are always among them."""
    hosts: frozenset[str] = frozenset()
    """Hosts that may have private addresses besides the one that the reference itself names."""
    public_only: bool = False
    """The host that a reference names is trusted no more than others: its writer does not own this machine."""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks that may be reached whatever names lead there."""
    realms: frozenset[str] = frozenset()
    """Hosts of token services, with or without a port, that may be sent passwords besides the known ones."""
    certificates: Path | None = None
    """A file of certificate authorities in PEM that are trusted besides the system's."""
    proxies: "Proxies | None" = None
    """Proxies on the way to registries; None: what this machine's environment says."""
    credentials: "Callable[[str, str], Credential | None] | None" = None
    """Looks up by host and repository; None: the files that docker and podman keep."""
    registries_conf: tuple[Path, ...] | None = None
    """Files that name mirrors, later ones first; None: those of the system and this user."""
    connections: "Connections | None" = None
    """Shared with other images; None: an image has its own."""
    stores: Stores = field(default=Stores())

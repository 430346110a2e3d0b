"""What exists in an estate: kinds of assets, how one is named, what it may do. How they hang together: `relation`."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "cloud-account",
    "region",
    "cluster",
    "namespace",
    "workload",
    "service",
    "load-balancer",
    "managed-service",
    "host",
    "pod",
    "container",
    "process",
    "image",
    "registry",
    "repository",
    "endpoint",
    "internet",
    "directory",
    "file",
    "sbom",
]
"""`service` is Kubernetes'; `managed-service` a cloud's (a database, a bucket). The last three are only scanned."""

KINDS: tuple[Kind, ...] = get_args(Kind)

HostNamespace = Literal["cgroup", "ipc", "network", "pid", "user", "uts"]
"""A namespace that a container or pod shares with its host instead of having one of its own."""

Right = Literal["cluster-admin", "create-pods", "change-identities", "read-secrets", "exec-pods", "read-data"]
"""
What a service account or cloud role lets its bearer do. With one of the first three he has the host or the account;
the others give other people's data: secrets of the whole cluster, a shell in other pods, stores of the cloud.
"""


@dataclass(frozen=True, slots=True)
class AssetId:
    """
    The name of an asset: `KIND:KEY`. The key comes from the world, so two that saw the same thing name it alike.

    | kind | key |
    | --- | --- |
    | host | what its sensor was given at enrolment; of watchers the node's uid or the instance's id |
    | process | `PID-START` on its host since that booted; START in hundredths of a second after the boot |
    | container, pod, workload, service | the runtime's id without a scheme; the uid |
    | namespace | its uid |
    | image | digest of its config, else `NAME@DIGEST` with the manifest's |
    | cloud things | ARN, resource id or full resource name |
    | registry, repository | host with port; that, a slash and the path |
    | endpoint | the name that was asked for, in lower case, else the address |
    | internet | `any` |
    """

    kind: Kind
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

    @classmethod
    def read(cls, text: str) -> "AssetId":
        """
        The id that a text writes.

        Raises: ValueError for no key, and for a kind that isn't one.
        """
        kind, colon, key = text.partition(":")
        for known in KINDS:
            if known == kind and colon and key:
                return cls(known, key)
        raise ValueError(f"not the id of an asset: {text[:80]!a}")

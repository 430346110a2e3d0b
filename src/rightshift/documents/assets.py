"""Assets as the facts document carries them, a struct a kind. The document itself, with all else in it: `facts.py`."""

from typing import Annotated, get_args

from msgspec import Meta, Struct

from rightshift.model.asset import HostNamespace, Right
from rightshift.model.observation import Runtime

TEXT, LINE, PATH = 256, 1024, 4096
"""Characters that a text, a line and a path may have. Whoever reports cuts what is longer."""

Text = Annotated[str, Meta(max_length=TEXT)]
Line = Annotated[str, Meta(max_length=LINE)]
Path = Annotated[str, Meta(max_length=PATH)]
Key = Annotated[str, Meta(min_length=1, max_length=1024)]
Ref = Annotated[str, Meta(min_length=3, max_length=1056, description="Id of an asset, `KIND:KEY`")]
Address = Annotated[str, Meta(min_length=2, max_length=45, description="IPv4 or IPv6, without zone")]
Port = Annotated[int, Meta(ge=1, le=65_535)]
Ms = Annotated[int, Meta(ge=0, le=253_402_300_799_999, description="Milliseconds since 1970 in UTC, 0 for unknown")]
Count = Annotated[int, Meta(ge=0, le=1 << 53)]
Mask = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]

Tags = Annotated[dict[Annotated[str, Meta(max_length=320)], Line], Meta(max_length=256)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=1000)]
Lines = Annotated[tuple[Line, ...], Meta(max_length=1000)]
Addresses = Annotated[tuple[Address, ...], Meta(max_length=1000)]

_RIGHTS = f"Of the role that it bears: {', '.join(f'`{one}`' for one in get_args(Right))}"
_SHARED = f"Shared with the host: {', '.join(f'`{one}`' for one in get_args(HostNamespace))}"
_RUNTIMES = f"Empty where it isn't known: {', '.join(f'`{one}`' for one in get_args(Runtime))}"
"""Words that may become more: an older console keeps a host though it doesn't know one of its rights."""

Rights = Annotated[tuple[Text, ...], Meta(max_length=20, description=_RIGHTS)]
Shared = Annotated[tuple[Text, ...], Meta(max_length=20, description=_SHARED)]


class Mount(Struct, frozen=True, gc=False, omit_defaults=True):
    """A piece of the host inside a container: what posture needs, so no volumes of the container's own."""

    source: Annotated[Path, Meta(description="On the host; a runtime's socket is one too")]
    target: Annotated[Path, Meta(description="In the container")]
    writable: bool = False


class Privileges(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What a container may do to its host. What isn't known is null, which is neither yes nor no."""

    privileged: bool | None = None
    user: Annotated[
        Annotated[int, Meta(ge=0, le=(1 << 32) - 1)] | None, Meta(description="uid inside that it starts as")
    ] = None
    user_namespace: Annotated[bool | None, Meta(description="Whether uid 0 inside is another one outside")] = None
    capabilities: Annotated[Mask | None, Meta(description="Bounding set; bit n is capability n of Linux")] = None
    host_namespaces: Shared | None = None
    mounts: Annotated[
        Annotated[tuple[Mount, ...], Meta(max_length=1000)] | None, Meta(description="Of the host's files and sockets")
    ] = None
    read_only_root: bool | None = None
    no_new_privileges: bool | None = None


class Watch(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    How well the files of one process were watched: what a "not seen" of it is worth.

    `complete`: the method shows all that this runtime loads, and since `since_ms` nothing was lost.
    """

    since_ms: Ms
    from_start: Annotated[bool, Meta(description="Watched from its exec on")] = False
    complete: bool = False
    why: Annotated[Text, Meta(description="Why it isn't complete")] = ""


class Asset(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What all kinds have. An asset stands whole: it replaces what its reporter said of the same id before."""

    key: Annotated[Key, Meta(description="With the kind before it: its id")]
    parent: Annotated[
        Ref | None, Meta(description="What it lies in, as near as known: a process in its container, that in its pod")
    ] = None
    name: Annotated[Line, Meta(description="What people call it")] = ""
    tags: Annotated[Tags, Meta(description="Labels, tags of a cloud and chosen annotations, as they stand there")] = {}
    created_ms: Annotated[Ms, Meta(description="When it was made, booted or started")] = 0

    @property
    def kind(self) -> str:
        """One of `model.asset.Kind`."""
        return str(self.__struct_config__.tag)

    @property
    def id(self) -> str:
        """`KIND:KEY`."""
        return f"{self.__struct_config__.tag}:{self.key}"


class CloudAccount(Asset, frozen=True, tag="cloud-account"):
    """An account, project or subscription."""

    provider: Annotated[Text, Meta(description="`aws`, `gcp`, `azure`")] = ""


class Region(Asset, frozen=True, tag="region"):
    """A region of a cloud account."""


class Cluster(Asset, frozen=True, tag="cluster"):
    """A Kubernetes cluster, or another that runs containers."""

    provider: Text = ""
    version: Text = ""
    ranges: Annotated[Texts, Meta(description="CIDR ranges of its pods, services and nodes")] = ()


class Namespace(Asset, frozen=True, tag="namespace"):
    """A namespace of Kubernetes."""


class Workload(Asset, frozen=True, tag="workload"):
    """What keeps pods or tasks running."""

    type: Annotated[Text, Meta(description="`Deployment`, `StatefulSet`, `CronJob`, …")] = ""
    replicas: Count | None = None


class Service(Asset, frozen=True, tag="service"):
    """A service of Kubernetes. Its ports are listeners, its pods relations."""

    type: Annotated[Text, Meta(description="`ClusterIP`, `NodePort`, `LoadBalancer`, …")] = ""
    addresses: Addresses = ()
    names: Annotated[Lines, Meta(description="DNS names")] = ()


class LoadBalancer(Asset, frozen=True, tag="load-balancer"):
    """A load balancer, gateway or ingress. Its ports are listeners, what stands behind it relations."""

    type: Text = ""
    scheme: Annotated[Text, Meta(description="`internet-facing`, `internal`")] = ""
    addresses: Addresses = ()
    names: Annotated[Lines, Meta(description="DNS names")] = ()


class ManagedService(Asset, frozen=True, tag="managed-service"):
    """What a cloud runs for its customer: a database, a bucket, a queue, a function."""

    type: Annotated[Text, Meta(description="As the provider names it: `rds`, `s3`, `cloudsql`")] = ""
    version: Text = ""
    addresses: Addresses = ()
    names: Annotated[Lines, Meta(description="DNS names by which it is reached")] = ()
    public: Annotated[bool | None, Meta(description="Whether the provider lets the internet in")] = None
    rights: Rights = ()


class Host(Asset, frozen=True, tag="host"):
    """A machine. `machine_id` and `cloud_id` are to join by, and prove nothing: anybody may claim them."""

    machine_id: Text = ""
    cloud_id: Annotated[Line, Meta(description="The instance's id, or the node's `providerID`")] = ""
    os: Annotated[Text, Meta(description="`ID` of os-release")] = ""
    os_version: Text = ""
    kernel: Annotated[Text, Meta(description="Its release")] = ""
    architecture: Text = ""
    state: Annotated[Text, Meta(description="`running`, `stopped`")] = ""
    addresses: Annotated[Addresses, Meta(description="Of its own interfaces")] = ()
    public_addresses: Annotated[Addresses, Meta(description="That lead to it, as its cloud says")] = ()
    rights: Rights = ()


class Pod(Asset, frozen=True, tag="pod"):
    """A pod of Kubernetes."""

    phase: Text = ""
    addresses: Addresses = ()
    service_account: Text = ""
    host_namespaces: Shared | None = None
    rights: Rights = ()


class Container(Asset, frozen=True, tag="container"):
    """A container. What image it came from is also a relation, where the image's id is known."""

    runtime: Annotated[Text, Meta(description="`docker`, `podman`, `containerd`, `cri-o`")] = ""
    state: Annotated[Text, Meta(description="`running`, `created`, `exited`, …")] = ""
    image: Annotated[Line, Meta(description="The image as it was asked for")] = ""
    addresses: Addresses = ()
    network: Annotated[Count, Meta(description="Inode of its network namespace; whose loopback it is")] = 0
    cgroup: Path = ""
    privileges: Annotated[Privileges | None, Meta(description="Null where nothing is known of them")] = None


class Process(Asset, frozen=True, tag="process"):
    """
    A process; `name` is what it calls itself, `exe` what it is. Both can be chosen by whoever runs it.

    Its arguments and environment hold secrets, and are never reported.
    """

    exe: Annotated[Path, Meta(description="Path of its binary below its own root")] = ""
    started_by: Annotated[Text, Meta(description="Key of the process that started it")] = ""
    uid: Annotated[
        Annotated[int, Meta(ge=0, le=(1 << 32) - 1)] | None, Meta(description="On the host, not in a user namespace")
    ] = None
    capabilities: Annotated[Mask | None, Meta(description="Effective; bit n is capability n of Linux")] = None
    network: Annotated[Count, Meta(description="Inode of its network namespace")] = 0
    runtime: Annotated[Text, Meta(description=_RUNTIMES)] = ""
    watch: Annotated[Watch | None, Meta(description="Null where nobody watches its files")] = None


class Image(Asset, frozen=True, tag="image"):
    """An image. `aliases` are other digests of the same one: of its manifest, its index, in its repositories."""

    aliases: Lines = ()
    names: Annotated[Lines, Meta(description="`REPOSITORY:TAG`, where it is found")] = ()
    architecture: Text = ""
    os: Text = ""
    size_bytes: Count = 0


class Registry(Asset, frozen=True, tag="registry"):
    """Where images are kept."""

    provider: Text = ""


class Repository(Asset, frozen=True, tag="repository"):
    """A repository of images in a registry."""


class Endpoint(Asset, frozen=True, tag="endpoint"):
    """What is outside the estate and has a name or an address: somebody's API."""

    addresses: Addresses = ()


class Internet(Asset, frozen=True, tag="internet"):
    """The internet; there is one."""


AnyAsset = (
    CloudAccount
    | Region
    | Cluster
    | Namespace
    | Workload
    | Service
    | LoadBalancer
    | ManagedService
    | Host
    | Pod
    | Container
    | Process
    | Image
    | Registry
    | Repository
    | Endpoint
    | Internet
)
"""An asset of any kind, told apart by `kind`."""

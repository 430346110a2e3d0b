"""What was seen of assets: how they hang together, ports, traffic, files. The document that holds it: `facts.py`."""

from typing import Annotated

from msgspec import Meta, Struct, field

from rightshift.documents.assets import Address, Count, Line, Ms, Path, Port, Ref
from rightshift.model import observation, relation


class Relation(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    How two assets hang together. It says nothing that `parent` says already.

    Told apart by `kind`, `from`, `to`, `protocol` and both ports, which only `routes-to` has. In a delta `ended_ms`
    ends it.
    """

    kind: relation.Structure
    from_: Ref = field(name="from")
    to: Ref
    how: relation.How
    protocol: relation.Protocol | None = None
    port: Annotated[Port | None, Meta(description="At the first asset")] = None
    to_port: Annotated[Port | None, Meta(description="At the second")] = None
    first_ms: Ms = 0
    last_ms: Ms = 0
    ended_ms: Annotated[Ms, Meta(description="0 as long as it holds")] = 0

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it apart from all others of its reporter."""
        return self.kind, self.from_, self.to, self.protocol, self.port, self.to_port


class Listener(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    A port at which an asset can be reached: a listening TCP socket, a bound UDP one, a balancer's or service's port.

    Told apart by `of`, `protocol`, `address` and `port`. `0.0.0.0` and `::` are all addresses. In a delta `ended_ms`
    ends it.
    """

    of: Annotated[Ref, Meta(description="The process, else the container or host whose it is")]
    protocol: relation.Protocol
    address: Address
    port: Port
    how: relation.How
    first_ms: Ms = 0
    ended_ms: Annotated[Ms, Meta(description="0 as long as it is open")] = 0
    public: Annotated[
        bool | None, Meta(description="Whether rules let the internet in, where the reporter knows them")
    ] = None

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it apart from all others of its reporter."""
        return self.of, self.protocol, self.address, self.port


class Connection(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    Traffic of one asset with one remote address at one server port, as seen there: an aggregate, not a socket.

    Told apart by `of`, `protocol`, `direction`, `local`, `remote` and `port`. It has no end: `last_ms` says how old it
    is. `count`, `failed` and bytes are of this window alone and are only told where `how` is `events`.
    """

    of: Annotated[Ref, Meta(description="The process, else the container or host whose it is")]
    protocol: relation.Protocol
    direction: relation.Direction
    local: Address
    remote: Address
    port: Annotated[Port, Meta(description="The server's: local if `in`, remote if `out`")]
    how: relation.How
    first_ms: Ms
    last_ms: Ms
    count: Annotated[Count, Meta(description="Connections made; for UDP flows begun")] = 0
    failed: Annotated[Count, Meta(description="That were refused or timed out")] = 0
    sent_bytes: Count = 0
    received_bytes: Count = 0
    real: Annotated[Address | None, Meta(description="The remote address behind a translation, where seen")] = None
    real_port: Annotated[Port | None, Meta(description="The server port behind it")] = None
    name: Annotated[Line, Meta(description="The DNS name that was asked for before, in lower case")] = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """What tells it apart from all others of its reporter."""
        return self.of, self.protocol, self.direction, self.local, self.remote, self.port


class File(Struct, frozen=True, gc=False, omit_defaults=True):
    """A file as its opener saw it: `path` below the opener's root. Device and inode as stat(2) gives them."""

    path: Path
    device: Annotated[int, Meta(ge=0, description="64 bits")] = 0
    inode: Annotated[int, Meta(ge=0, description="64 bits, the highest of which may be set")] = 0


class Use(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """
    Files that a process used, all at one level and seen in one way.

    Of a program that came and went (`ran`) `of` is the container or host, and `count` how often in this window. The
    same file may stand in several uses of one asset: the strongest level holds.
    """

    of: Ref
    level: observation.Seen
    how: observation.Method
    files: Annotated[
        tuple[Annotated[int, Meta(ge=0)], ...], Meta(max_length=100_000, description="Places in the list `files`")
    ]
    first_ms: Annotated[Ms, Meta(description="When the first of them was seen so")]
    last_ms: Ms
    count: Count = 0


class End(Struct, frozen=True, gc=False):
    """An asset that is gone, with its listeners and relations. What lies in it is gone too."""

    asset: Ref
    at_ms: Ms

"""How assets hang together, and how that was seen. The assets: `asset.py`. Whose address it is: `assess/addresses`."""

from typing import Literal

Kind = Literal["runs-on", "part-of", "instance-of", "owned-by", "routes-to", "exposes", "connects-to"]
"""
Who comes first, who second: a pod runs on a host, a namespace is part of a cluster, a container is an instance of an
image, a pod is owned by a workload, a load balancer routes to a service, a process exposes a port and connects to an
address.
"""

Structure = Literal["runs-on", "part-of", "instance-of", "owned-by", "routes-to"]
"""The kinds that lie between two assets. What a port or an address takes part in is a listener or a connection."""

Protocol = Literal["tcp", "udp", "sctp"]

Direction = Literal["in", "out"]
"""As the asset that it is told of sees it: `in` came to one of its listeners."""

How = Literal["events", "snapshot", "sampled", "time_wait", "conntrack", "declared"]
"""
How a relation was seen, best first. `events`: each one, in the kernel; only these are counted. `snapshot`: the state
at one moment, whole. `sampled`: what stood there at a look now and then. `time_wait`: a trace that a closed connection
left, without owner. `conntrack`: the kernel's table of translations. `declared`: an API or a configuration says so.
"""

"""How assets hang together and with whom they speak, between assets. As seen it stays in the facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rightshift.assess import addresses
from rightshift.console.store.conclusions import relations as store
from rightshift.console.store.conclusions.assets import Hangs, Id
from rightshift.console.store.conclusions.relations import Relation, Traffic
from rightshift.console.store.pool import Connection

INTERNET: Id = ("internet", "any")
_OF_ADDRESS = ("host", "pod", "container", "load-balancer", "service", "managed-service")
"""Whose an address is, where one alone of a kind has it: pods in the network of their host have the host's."""


async def structure(
    connection: Connection, numbers: Mapping[Id, int], hangs: Sequence[Hangs], targets: Mapping[Id, int]
) -> None:
    """Relations that reporters told of these assets (by id) with others that there are."""
    await store.put_structure(
        connection,
        list(numbers.values()),
        [
            Relation(
                kind=one.kind,
                from_=numbers[one.of],
                to=targets[one.to],
                protocol=one.protocol,
                port=one.port,
                how=one.how,
                first_seen=one.first_seen,
                last_seen=one.last_seen,
                ended=one.ended,
            )
            for one in hangs
            if one.of in numbers and one.to in targets
        ],
    )


async def connect(connection: Connection, numbers: Mapping[Id, int], now: datetime) -> None:
    """
    Whom these assets speak with: the one asset that has the address, else what is outside.

    Who comes in from a public address comes from the internet, which is one; what is called is an endpoint, by its
    name if one was asked for. Addresses of nobody that are not public are endpoints too.
    """
    seen = [one for one in await store.traffic(connection, list(numbers)) if not addresses.loopback(one.remote)]
    known = _owners(await store.at_addresses(connection, sorted({one.remote for one in seen})))
    strangers = {_outside(one) for one in seen if one.remote not in known}
    outside = await store.outside(connection, sorted(strangers), now)
    found = []
    for one in seen:
        other = known.get(one.remote) or outside[_outside(one)]
        own = numbers[one.of]
        if other != own:
            found.append(_relation(one, own, other))
    await store.add(connection, found)


def _owners(having: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    by_address: dict[str, dict[str, list[int]]] = {}
    for address, kind, number in having:
        by_address.setdefault(address, {}).setdefault(kind, []).append(number)
    owners = {}
    for address, kinds in by_address.items():
        alone = [kinds[kind][0] for kind in _OF_ADDRESS if len(kinds.get(kind, ())) == 1]
        if alone:
            owners[address] = alone[0]
    return owners


def _outside(one: Traffic) -> Id:
    if one.incoming:
        return INTERNET if addresses.public(one.remote) else ("endpoint", one.remote)
    return ("endpoint", one.name or one.remote)


def _relation(one: Traffic, own: int, other: int) -> Relation:
    return Relation(
        kind="connects-to",
        from_=other if one.incoming else own,
        to=own if one.incoming else other,
        protocol=one.protocol,
        port=one.port,
        how=one.how,
        count=one.count,
        first_seen=one.first_seen,
        last_seen=one.last_seen,
    )

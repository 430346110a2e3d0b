"""How assets hang together and with whom they speak, between assets. As seen it stays in the facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rightshift.assess import addresses
from rightshift.console.store.conclusions import relations as store
from rightshift.console.store.conclusions.assets import Hangs, Id
from rightshift.console.store.conclusions.relations import Relation, Traffic
from rightshift.console.store.pool import Connection

INTERNET: Id = ("internet", "any")
OUTSIDE = ("endpoint", "internet")
"""Kinds of assets that are there because somebody speaks with them."""
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
    name if one was asked for. Addresses of nobody that are not public are endpoints too. What no fact shows any more
    goes, unless those of the other end do.
    """
    found = await _seen(connection, numbers, now)
    await store.add(connection, found)
    stale = await store.unseen(connection, list(numbers.values()), found)
    others = {
        one.other: one.number for one in stale if one.other[0] not in OUTSIDE and one.number not in numbers.values()
    }
    if others:
        theirs = await _seen(connection, others, now)
        await store.add(connection, theirs)  # with somebody else, where this end has lost its address
        shown = {(one.from_, one.to, one.protocol, one.port) for one in theirs}
        stale = [one for one in stale if (one.from_, one.to, one.protocol, one.port) not in shown]
    await store.drop(connection, [one.id for one in stale])


async def _seen(connection: Connection, numbers: Mapping[Id, int], now: datetime) -> list[Relation]:
    seen = [one for one in await store.traffic(connection, list(numbers)) if not addresses.loopback(one.remote)]
    known = _owners(await store.at_addresses(connection, sorted({one.remote for one in seen})))
    strangers = {_outside(one) for one in seen if one.remote not in known}
    outside = await store.outside(connection, sorted(strangers), now)
    shown: dict[tuple[int, bool, int, str, int], list[Traffic]] = {}
    for one in seen:
        other, own = known.get(one.remote) or outside[_outside(one)], numbers[one.of]
        if other != own:
            shown.setdefault((own, one.incoming, other, one.protocol, one.port), []).append(one)
    return [_relation(key[0], key[2], several) for key, several in shown.items()]


def _owners(having: Iterable[tuple[str, str, int]]) -> dict[str, int]:
    by_address: dict[str, dict[str, int]] = {}
    for address, kind, number in having:
        by_address.setdefault(address, {})[kind] = number
    alone = {address: [kinds[kind] for kind in _OF_ADDRESS if kind in kinds] for address, kinds in by_address.items()}
    return {address: numbers[0] for address, numbers in alone.items() if numbers}


def _outside(one: Traffic) -> Id:
    if one.incoming:
        return INTERNET if addresses.public(one.remote) else ("endpoint", one.remote)
    return ("endpoint", one.name or one.remote)


def _relation(own: int, other: int, several: Sequence[Traffic]) -> Relation:
    """As one end sees it: several addresses may be one other end."""
    last = max(several, key=lambda one: one.last_seen)
    return Relation(
        kind="connects-to",
        from_=other if last.incoming else own,
        to=own if last.incoming else other,
        protocol=last.protocol,
        port=last.port,
        how=last.how,
        count=sum(one.count for one in several),
        first_seen=min(one.first_seen for one in several),
        last_seen=last.last_seen,
    )

"""Processes, read from the facts: there are no rows of them among assets, and `derive/assets` says why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from rightshift.console.store.pool import Connection
from rightshift.console.store.read.answers import all_of
from rightshift.console.store.read.containers import Listening
from rightshift.console.store.scope import Scope
from rightshift.console.store.sql import questions

_ASK = questions(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is given must all hold; within one, any. What has ended is left out unless `gone`."""

    hosts: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    workloads: tuple[str, ...] = ()
    container: UUID | None = None
    runtimes: tuple[str, ...] = ()
    uid: int | None = None
    port: int | None = None
    text: str = ""
    gone: bool = False


class Process(Struct, frozen=True, kw_only=True):
    """A process. Its name and path can be chosen by whoever runs it; its arguments are never reported."""

    id: Annotated[str, Meta(description="HOST/BOOT/PID-START")]
    pid: Annotated[int | None, Meta(description="On its host")]
    name: str
    exe: Annotated[str, Meta(description="Path of its binary below its own root")]
    runtime: Annotated[str, Meta(description="`native`, `python`, `java`, …; empty where it is not known")]
    uid: Annotated[int | None, Meta(description="On its host; null is unknown")]
    capabilities: Annotated[int | None, Meta(description="Effective; bit n is capability n of Linux")]
    container: UUID | None
    container_name: str
    host: UUID | None
    host_name: str
    namespace: str
    workload: str
    started: datetime | None
    started_by: Annotated[str, Meta(description="Id of the process that started it; empty where it is not known")]
    listening: Listening
    watched_since: Annotated[datetime | None, Meta(description="Null where nobody watches its files")]
    watch_complete: Annotated[bool | None, Meta(description="Whether all that it loads is seen")]
    watch_why: Annotated[str, Meta(description="Why it isn't complete")]
    first_seen: datetime
    last_seen: datetime
    gone: datetime | None


async def page(
    connection: Connection, scope: Scope, filter: Filter, *, limit: int, after: str | None = None
) -> list[Process]:
    """Up to `limit` processes by id, after that one. One belongs to whom its container does, else its host."""
    values = {
        "teams": scope.parameter,
        "hosts": list(filter.hosts) or None,
        "namespaces": list(filter.namespaces) or None,
        "workloads": list(filter.workloads) or None,
        "container": filter.container,
        "runtimes": list(filter.runtimes) or None,
        "uid": filter.uid,
        "port": filter.port,
        "text": filter.text or None,
        "gone": filter.gone,
        "after": after,
        "limit": limit,
    }
    return await all_of(connection, Process, _ASK["page"], values)

"""The parameters by which findings are asked for: the list, its counts and its files take the same."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from litestar.di import Provide
from litestar.params import QueryParameter

from rightshift.console.api.pages import Texts, zoned
from rightshift.console.store.read.finding_filter import Filter

Severity = Literal["unknown", "none", "low", "medium", "high", "critical"]
Band = Literal["now", "soon", "plan", "routine"]
Running = Literal["true", "false", "unknown"]
State = Literal["open", "accepted", "not_affected", "fixed", "all"]
_MANY = 100


def asked(
    cluster: Annotated[
        Texts | None, QueryParameter(max_items=_MANY, description="Name of a cluster; any of several")
    ] = None,
    namespace: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a namespace")] = None,
    workload: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a workload")] = None,
    host: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of a host")] = None,
    image: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Name of an image")] = None,
    team: Annotated[UUID | None, QueryParameter(description="What belongs to this team")] = None,
    unit: Annotated[UUID | None, QueryParameter(description="One workload, host or image")] = None,
    running: Annotated[list[Running] | None, QueryParameter(max_items=3, description="Whether it runs")] = None,
    severity: Annotated[
        list[Severity] | None, QueryParameter(max_items=6, description="How bad, if it happens")
    ] = None,
    band: Annotated[list[Band] | None, QueryParameter(max_items=4, description="When to fix it")] = None,
    ecosystem: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="Type of a package URL")] = None,
    package: Annotated[
        Texts | None, QueryParameter(max_items=_MANY, description="Name of a package, whole or its last part")
    ] = None,
    advisory: Annotated[Texts | None, QueryParameter(max_items=_MANY, description="An advisory, by any alias")] = None,
    kev: Annotated[
        bool | None, QueryParameter(description="In the catalogue of known exploited vulnerabilities")
    ] = None,
    fixable: Annotated[bool | None, QueryParameter(description="Whether a fixed version is known")] = None,
    ignored: Annotated[bool | None, QueryParameter(description="Whether its distribution won't fix it")] = None,
    epss_min: Annotated[
        float | None, QueryParameter(ge=0, le=1, description="Least probability of exploitation")
    ] = None,
    score_min: Annotated[int | None, QueryParameter(ge=0, le=100, description="Least score")] = None,
    since: Annotated[datetime | None, QueryParameter(description="Seen first since then; without a zone UTC")] = None,
    text: Annotated[
        str | None,
        QueryParameter(
            max_length=200, description="Stands in the name of the package or advisory, its aliases or summary"
        ),
    ] = None,
    of_state: Annotated[State, QueryParameter(name="state", description="`all` is every one but `fixed`")] = "open",
) -> Filter:
    """The filter that the parameters are."""
    return Filter(
        clusters=tuple(cluster or ()),
        namespaces=tuple(namespace or ()),
        workloads=tuple(workload or ()),
        hosts=tuple(host or ()),
        images=tuple(image or ()),
        team=team,
        unit=unit,
        running=tuple(running or ()),
        severities=tuple(severity or ()),
        bands=tuple(band or ()),
        ecosystems=tuple(ecosystem or ()),
        packages=tuple(package or ()),
        advisories=tuple(advisory or ()),
        kev=kev,
        fixable=fixable,
        ignored=ignored,
        epss_min=epss_min,
        # a score of 0 is any number of points below as well
        points_min=score_min or None,
        since=zoned(since),
        text=text or "",
        state=of_state,
    )


FILTER = Provide(asked, sync_to_thread=False)

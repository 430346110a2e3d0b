"""For whoever watches this process: alive, ready, and its figures. What of the data is stale: `status`."""

from litestar import Response, get
from litestar.di import NamedDependency

from rightshift.console.auth.permission import Permission, Public, Requires
from rightshift.console.door.measured import Measured
from rightshift.console.live import Live
from rightshift.console.store.pool import Pool

WAIT_S = 2.0


@get("/healthz", guards=[Public("asked by supervisors")], media_type="text/plain", include_in_schema=False)
async def alive() -> str:
    """This process answers."""
    return "ok\n"


@get("/readyz", guards=[Public("asked by supervisors")], media_type="text/plain", include_in_schema=False)
async def ready(pool: NamedDependency[Pool]) -> Response[str]:
    """This process can answer from the database, and is not about to stop."""
    from psycopg import Error
    from psycopg_pool import PoolTimeout

    try:
        async with pool.connection(timeout=WAIT_S) as connection:
            await connection.execute("SELECT 1 FROM installation")
    except (Error, PoolTimeout, OSError):
        return Response("no database\n", status_code=503, headers={"Retry-After": "1"})
    return Response("ready\n")


@get("/metrics", guards=[Requires(Permission.METRICS_READ)], include_in_schema=False)
async def metrics(measured: NamedDependency[Measured], live: NamedDependency[Live]) -> Response[bytes]:
    """Figures of this process, for Prometheus."""
    measured.streams.set(live.open)
    return Response(measured.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


OUTSIDE = (alive, ready, metrics)

"""What whoever failed too often is told. How failures are counted: `store/identities`."""

from datetime import datetime

from litestar.exceptions import HTTPException


def too_many(until: datetime, now: datetime, what: str = "Too many failures; wait a moment") -> HTTPException:
    """429 with how long to wait, which is a second at least."""
    wait_s = max(1, int((until - now).total_seconds()))
    return HTTPException(status_code=429, detail=what, headers={"Retry-After": str(wait_s)})

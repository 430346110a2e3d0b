"""The first schema, with that of Procrastinate."""

from rightshift.console.store.migrate import procrastinate, run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """From nothing."""
    run("0001.sql")
    procrastinate()

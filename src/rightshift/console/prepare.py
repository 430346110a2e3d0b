"""What is done once before the console's processes start: the schema, and the first administrator's link."""

import asyncio
import json
import sys
from datetime import UTC, datetime

import psycopg

from rightshift import config
from rightshift.console import logs
from rightshift.console.auth.first import first_link
from rightshift.console.store.migrate import SchemaError, migrate

FAILED = 1


async def link(url: str) -> str | None:
    """See `first_link`."""
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True, application_name="rightshift prepare")
    async with connection:
        return await first_link(connection, datetime.now(UTC))


def main() -> int:
    """
    Prints one JSON object: `link`, or `error` in words for people.

    A process of its own, since what it loads for that would else be held for as long as the console runs.
    """
    settings = config.of_process()
    logs.begin("prepare", debug=settings.debug)
    try:
        migrate(settings.database_url)
        said: dict[str, object] = {"link": asyncio.run(link(settings.database_url))}
    except SchemaError as error:
        said = {"error": [error.what, error.means, error.do]}
    except psycopg.Error as error:
        said = {"error": ["The database can't be used", str(error).strip().partition("\n")[0], ""]}
    sys.stdout.write(json.dumps(said))
    return FAILED if "error" in said else 0


if __name__ == "__main__":
    sys.exit(main())

"""What is done once before the console's processes start: schema, the vault's keys, the first administrator's link."""

import asyncio
import json
import logging
import sys
from collections.abc import Collection
from datetime import UTC, datetime

import psycopg

from rightshift import config
from rightshift.config import Config
from rightshift.console import logs
from rightshift.console import vault as vaults
from rightshift.console.auth.first import first_link
from rightshift.console.store import installation, migrate
from rightshift.console.store.pool import Connection
from rightshift.console.vault import VaultError
from rightshift.errors import RightshiftError

FAILED = 1
EMBEDDED, NO_LINK = "--embedded", "--no-link"
"""Words of `up`: the database is this console's own; nobody is to sign in here."""
_PROOF, _PURPOSE = b"rightshift", "installation"
_LOG = logging.getLogger("rightshift.prepare")


async def prepare(settings: Config, words: Collection[str]) -> str | None:
    """
    The first administrator's link, as `first_link`. Several may do this at once.

    Raises: VaultError; psycopg.Error.
    """
    connection = await psycopg.AsyncConnection.connect(
        settings.database_url, autocommit=True, application_name="rightshift prepare"
    )
    async with connection, connection.transaction():
        await migrate.turn(connection)
        await _agree(connection, settings, alone=EMBEDDED in words)
        return None if NO_LINK in words else await first_link(connection, datetime.now(UTC))


async def _agree(connection: Connection, settings: Config, *, alone: bool) -> None:
    """
    The keys at hand are those that this database's secrets are sealed with: replicas can't read each other's else.

    One that is alone goes on with new ones, since the old ones are lost. Raises: VaultError.
    """
    sealed = await installation.vault(connection)
    if sealed is not None and (alone or settings.vault.exists()):
        try:
            vaults.opened(settings.vault).open(sealed, _PURPOSE)
            return
        except VaultError as error:
            _LOG.error("the vault's keys are not those of this database", extra={"error": str(error)})
    if sealed is not None and not alone:
        raise VaultError(
            f"The keys of this database's vault are not in {str(settings.vault)!a}",
            means="What one replica seals the others could not open",
            do="Bring vault.keys there from the home that this database was first used with",
        )
    await installation.put_vault(connection, vaults.opened(settings.vault).seal(_PROOF, _PURPOSE))


def main(words: Collection[str] = ()) -> int:
    """
    Prints one JSON object: `link`, or `error` in words for people.

    A process of its own, since what it loads for that would else be held for as long as the console runs.
    """
    settings = config.of_process()
    logs.begin("prepare", debug=settings.debug)
    try:
        migrate.migrate(settings.database_url)
        said: dict[str, object] = {"link": asyncio.run(prepare(settings, words))}
    except RightshiftError as error:
        said = {"error": [error.what, error.means, error.do]}
    except psycopg.Error as error:
        said = {"error": ["The database can't be used", str(error).strip().partition("\n")[0], ""]}
    sys.stdout.write(json.dumps(said))
    return FAILED if "error" in said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""JSON of requests, before anything is made of it. Documents, which are larger and may be packed: `ingest/bodies`."""

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException

from rightshift.documents import strict


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON any two readers read alike."""

    async def json(self) -> Any:
        """Raises: ClientException for what is no JSON, holds a key twice, or is nested too deep to be read."""
        try:
            strict.check(await self.body() or b"null")
        except RecursionError as error:
            raise ClientException("The body is nested too deep") from error
        except UnicodeDecodeError as error:
            raise ClientException("The body is no UTF-8") from error
        except strict.NotStrict as error:
            raise ClientException(f"The body is no JSON as it must be: {error}") from error
        return await super().json()

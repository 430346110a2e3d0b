"""The description of this API, as the package brings it. How it is made: `app.description`."""

from functools import cache
from importlib.resources import files

from litestar import Response, get

from rightshift.console.auth.permission import Public

NAME = "openapi.json"


@cache
def _content() -> bytes:
    return files("rightshift.console.api").joinpath(NAME).read_bytes()


@get("/openapi.json", guards=[Public("it is published")], include_in_schema=False, sync_to_thread=False)
def describe() -> Response[bytes]:
    """OpenAPI 3.1."""
    return Response(_content(), media_type="application/vnd.oai.openapi+json;version=3.1")


ROUTES = (describe,)

"""Consoles for the tests of this folder, each with a bucket of advisories beside it; started once for a module."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.console.e2e import console as consoles
from tests.console.e2e.console import Client, Console, signed_in, until
from tests.feed.bucket import Bucket, osv, served

PASSWORD = "correct horse battery staple"
KINDS: dict[str, Callable[..., AbstractContextManager[Console]]] = {
    "embedded": consoles.embedded,
    "replicas": consoles.replicas,
}


@dataclass(slots=True)
class Estate:
    """A console, who administrates it, and the advisories that it fetches."""

    console: Console
    admin: Client
    """By session, at the first API."""
    bucket: Bucket

    @property
    def last(self) -> str:
        """The address of the last API; of a console that has one, the same as the first."""
        return self.console.urls[-1]

    def token(self, **wanted: object) -> Client:
        """What a token may, at the first API."""
        made = self.admin.post("/tokens", {"name": "a test", **wanted})
        return Client(self.admin.url, {"Authorization": f"Bearer {made['secret']}"})


@contextmanager
def begun(kind: str, folder: Path) -> Iterator[Estate]:
    """A console of that kind, whose first administrator has signed in."""
    with served() as bucket:
        bucket.put(*(osv(f"T-{n}", "PyPI", f"name-{n}", "introduced 0", "fixed 9") for n in range(30)))
        where = {
            "RIGHTSHIFT_FEED_URL": bucket.url,
            "RIGHTSHIFT_KEV_URL": f"{bucket.url}/kev.json",
            "RIGHTSHIFT_EPSS_URL": f"{bucket.url}/epss.csv.gz",
        }
        with KINDS[kind](folder, **where) as console:
            asked = Client(console.urls[0]).ask("POST", "/session/link", {"link": console.link, "password": PASSWORD})
            estate = Estate(console, signed_in(asked, console.urls[0]), bucket)
            until("the first feed is in use", lambda: not estate.admin.get("/status")["feed"]["starter"], 180)
            yield estate


@pytest.fixture(scope="module", params=[pytest.param("embedded", marks=pytest.mark.prove), "replicas"])
def estate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """What a test asserts holds for both kinds; short runs have the one in which more can go wrong."""
    with begun(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made

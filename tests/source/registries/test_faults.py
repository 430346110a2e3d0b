"""A registry behind a network that breaks, by the data set's proxy."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import pytest

from rightshift.errors import RightshiftError
from rightshift.source.open import open_source
from rightshift.tree.material import ImageMaterial
from tests.shared import shared
from tests.source import images
from tests.source.registries.stand_in import Registry, registry
from tests.source.registries.test_client import LARGE, options, proved

pytestmark = pytest.mark.shared


class Proxy:
    """The proxy's place, and a way to tell it how to misbehave."""

    def __init__(self, port: int, control: int) -> None:
        self.authority = f"127.0.0.1:{port}"
        self._control = f"http://127.0.0.1:{control}/"

    def faults(self, text: str) -> dict[str, object]:
        with urlopen(Request(self._control, data=text.encode()), timeout=10) as answer:
            found: dict[str, object] = json.load(answer)
        return found


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def proxied(serving: Registry) -> Iterator[Proxy]:
    program = shared("tools/faultproxy.py")
    assert serving.peer
    port, control = _free_port(), _free_port()
    places = ["--listen", f"127.0.0.1:{port}", "--to", serving.peer.authority, "--control", f"127.0.0.1:{control}"]
    with subprocess.Popen([sys.executable, str(program), *places], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        try:
            yield Proxy(port, control)
        finally:
            running.terminate()
            running.wait(10)


@pytest.fixture(scope="module")
def serving() -> Iterator[Registry]:
    with registry(images.image([LARGE])) as made:
        yield made


@pytest.fixture
def proxy(serving: Registry) -> Iterator[Proxy]:
    with proxied(serving) as made:
        yield made


@contextmanager
def opened(proxy: Proxy) -> Iterator[ImageMaterial]:
    found = open_source(f"registry:{proxy.authority}/team/app:1", options())
    assert isinstance(found, ImageMaterial)
    try:
        yield found
    finally:
        found.close()


@pytest.mark.parametrize("fault", ["cut=1200000", "reset_after=1200000"])
def test_a_layer_is_read_whole_although_each_connection_breaks(proxy: Proxy, fault: str) -> None:
    with opened(proxy) as found:
        proxy.faults(fault)
        assert proved(found)
        faults = proxy.faults("clear=1")
    assert int(str(faults["cuts"])) + int(str(faults["resets"])) >= 2


def test_a_slow_and_shaky_line_is_waited_for(proxy: Proxy) -> None:
    proxy.faults("latency=0.004 jitter=0.004")
    with opened(proxy) as found:
        assert proved(found)


def test_a_flipped_bit_does_not_prove_itself(proxy: Proxy) -> None:
    with opened(proxy) as found:
        proxy.faults("corrupt=2000000 drop=1")
        assert not proved(found)


def test_a_registry_that_is_overloaded_for_a_moment_is_asked_again(proxy: Proxy) -> None:
    proxy.faults("http=503 retry_after=1 for=0.5")
    with opened(proxy) as found:
        assert proved(found)


@pytest.mark.parametrize("fault", ["refuse=1", "reset=1", "http=500"])
def test_a_registry_that_is_away_is_told(proxy: Proxy, fault: str) -> None:
    proxy.faults(fault)
    with pytest.raises(RightshiftError), opened(proxy):
        pass
    proxy.faults("clear=1 refuse=0")
    with opened(proxy) as found:
        assert proved(found)

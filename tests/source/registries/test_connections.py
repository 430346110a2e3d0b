"""What images share: one is asked like the first, only with less to find out."""

from pathlib import Path

import pytest

from rightshift.errors import SourceError
from rightshift.source.registries.connections import Connections
from tests.source import images
from tests.source.registries.stand_in import registry
from tests.source.registries.test_client import opened, options, proved


def test_what_a_host_speaks_is_found_out_once() -> None:
    shared = Connections()
    with registry(images.image([images.tar({"a": b"1"})])) as serving:
        for _ in range(3):
            with opened(serving, options(connections=shared)) as found:
                assert proved(found)
        paths = [asked.path for asked in serving.asked("")]
        shared.close()
    assert paths.count("/v2/") == 1
    assert sum("/manifests/" in path for path in paths) == 3


def test_an_image_without_others_asks_for_itself() -> None:
    with registry(images.image([images.tar({"a": b"1"})])) as serving:
        for _ in range(2):
            with opened(serving) as found:
                assert proved(found)
        assert [asked.path for asked in serving.asked("")].count("/v2/") == 2


def test_clients_that_may_do_other_things_are_others() -> None:
    shared = Connections()
    with registry(images.image([images.tar({"a": b"1"})])) as serving:
        with opened(serving, options(connections=shared)):
            pass
        with opened(serving, options(connections=shared, hosts=frozenset({"other.example"}))):
            pass
    assert len(shared._clients) == 2
    shared.close()


def test_files_of_this_machine_are_read_once(tmp_path: Path) -> None:
    shared, file = Connections(), tmp_path / "registries.conf"
    file.write_text('[[registry]]\nlocation = "first.example"\n')
    first = shared.registries([file])
    file.write_text("[[")
    assert shared.registries([file]) == first
    with pytest.raises(SourceError):
        Connections().registries([file])

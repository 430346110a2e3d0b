"""Where things are kept, and which start-up values are refused."""

from pathlib import Path

import pytest

from rightshift import config
from rightshift.errors import UsageError


@pytest.mark.parametrize(
    ("environ", "uid", "home"),
    [
        ({"RIGHTSHIFT_HOME": "/srv/rs", "HOME": "/home/u"}, 0, "/srv/rs"),
        ({"HOME": "/root", "XDG_DATA_HOME": "/data"}, 0, "/var/lib/rightshift"),
        ({"HOME": "/home/u", "XDG_DATA_HOME": "/data"}, 1000, "/data/rightshift"),
        ({"HOME": "/home/u", "XDG_DATA_HOME": "data"}, 1000, "/home/u/.local/share/rightshift"),
        ({"HOME": "/home/u"}, 1000, "/home/u/.local/share/rightshift"),
    ],
)
def test_the_home_is_what_was_said_or_the_users_data_folder(environ: dict[str, str], uid: int, home: str) -> None:
    found = config.read(environ, uid=uid)
    assert found.home == Path(home)
    assert found.cache == Path(home) / "cache"
    assert found.feed == Path(home) / "feed"


@pytest.mark.parametrize("environ", [{"RIGHTSHIFT_HOME": "here"}, {}, {"HOME": ""}])
def test_without_an_absolute_folder_there_is_no_home(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        config.home(environ, uid=1000)


def test_values_come_from_the_environment() -> None:
    environ = {
        "RIGHTSHIFT_HOME": "/h",
        "RIGHTSHIFT_FEED_URL": "https://mirror.example/osv/ https://other.example",
        "RIGHTSHIFT_CA_FILE": "/etc/ca.pem",
        "RIGHTSHIFT_OFFLINE": "yes",
        "RIGHTSHIFT_DEBUG": "0",
    }
    found = config.read(environ, uid=1000)
    assert found.feed_urls == ("https://mirror.example/osv", "https://other.example")
    assert found.ca_file == Path("/etc/ca.pem")
    assert (found.offline, found.debug) == (True, False)


def test_a_switch_is_on_or_off() -> None:
    with pytest.raises(UsageError, match="RIGHTSHIFT_OFFLINE"):
        config.read({"RIGHTSHIFT_HOME": "/h", "RIGHTSHIFT_OFFLINE": "perhaps"}, uid=1)

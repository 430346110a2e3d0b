"""Start-up values of this process, from its environment. A user's settings are not here, and there is no file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rightshift.errors import UsageError

HOME_OF_ROOT = Path("/var/lib/rightshift")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that is kept lies under `home`. An empty address means the public one."""

    home: Path
    feed_urls: tuple[str, ...] = ()
    """RIGHTSHIFT_FEED_URL: mirrors of the OSV bucket, the next one asked where one fails."""
    kev_url: str = ""
    """RIGHTSHIFT_KEV_URL: a mirror of CISA's catalogue."""
    epss_url: str = ""
    """RIGHTSHIFT_EPSS_URL: a mirror of FIRST's file."""
    feed_key: Path | None = None
    """RIGHTSHIFT_FEED_KEY: the public key (PEM) that signs bundles which may be imported."""
    ca_file: Path | None = None
    """RIGHTSHIFT_CA_FILE: certificates trusted beside the system's."""
    database_url: str = ""
    """RIGHTSHIFT_DATABASE_URL: a PostgreSQL server in place of the embedded one. It may hold a password."""
    vault_keys: Path | None = None
    """RIGHTSHIFT_VAULT_KEYS: the file that replicas share, in place of the one in the home."""
    postgres: Path | None = None
    """RIGHTSHIFT_POSTGRES: the folder of the server's programs, where they are not to be looked for."""
    hosts: tuple[str, ...] = ()
    """RIGHTSHIFT_HOSTS: names under which the console is reached, beside those of this machine."""
    proxies: tuple[str, ...] = ()
    """RIGHTSHIFT_PROXIES: addresses of reverse proxies whose X-Forwarded-For is believed."""
    offline: bool = False
    """RIGHTSHIFT_OFFLINE: nothing is fetched."""
    debug: bool = False
    """RIGHTSHIFT_DEBUG: a mistake of ours shows its trace."""

    @property
    def vault(self) -> Path:
        """The file of the keys by which secrets of others are enciphered."""
        return self.vault_keys or self.home / "vault.keys"

    @property
    def cache(self) -> Path:
        """What can be made again: parsed layers."""
        return self.home / "cache"

    @property
    def feed(self) -> Path:
        """The folder of the feed's files."""
        return self.home / "feed"


def read(environ: Mapping[str, str], *, uid: int) -> Config:
    """
    The values for a user with this id.

    Raises: UsageError for a path that is not absolute, and for a switch that is neither on nor off.
    """
    ca_file, feed_key = environ.get("RIGHTSHIFT_CA_FILE", ""), environ.get("RIGHTSHIFT_FEED_KEY", "")
    postgres, vault_keys = environ.get("RIGHTSHIFT_POSTGRES", ""), environ.get("RIGHTSHIFT_VAULT_KEYS", "")
    return Config(
        home=home(environ, uid=uid),
        feed_urls=tuple(url.rstrip("/") for url in environ.get("RIGHTSHIFT_FEED_URL", "").split()),
        kev_url=environ.get("RIGHTSHIFT_KEV_URL", ""),
        epss_url=environ.get("RIGHTSHIFT_EPSS_URL", ""),
        feed_key=Path(feed_key) if feed_key else None,
        ca_file=Path(ca_file) if ca_file else None,
        database_url=environ.get("RIGHTSHIFT_DATABASE_URL", ""),
        vault_keys=Path(vault_keys) if vault_keys else None,
        postgres=Path(postgres) if postgres else None,
        hosts=tuple(environ.get("RIGHTSHIFT_HOSTS", "").split()),
        proxies=tuple(environ.get("RIGHTSHIFT_PROXIES", "").split()),
        offline=_switch(environ, "RIGHTSHIFT_OFFLINE"),
        debug=_switch(environ, "RIGHTSHIFT_DEBUG"),
    )


def of_process() -> Config:
    """The values of this process. Raises: UsageError as `read`."""
    return read(os.environ, uid=os.geteuid())


def home(environ: Mapping[str, str], *, uid: int) -> Path:
    """
    RIGHTSHIFT_HOME; without it /var/lib/rightshift as root, else `rightshift` in the user's data folder.

    Raises: UsageError if the path is not absolute or there is no folder to put it in.
    Source: XDG Base Directory Specification, "Environment variables": relative paths are passed over.
    """
    if named := environ.get("RIGHTSHIFT_HOME"):
        if not Path(named).is_absolute():
            raise UsageError("RIGHTSHIFT_HOME is not an absolute path", do="Write it from / on")
        return Path(named)
    if uid == 0:
        return HOME_OF_ROOT
    if (data := Path(environ.get("XDG_DATA_HOME", ""))).is_absolute():
        return data / "rightshift"
    if (user := Path(environ.get("HOME", ""))).is_absolute():
        return user / ".local" / "share" / "rightshift"
    raise UsageError("There is no folder to keep anything in: HOME is not set", do="Set RIGHTSHIFT_HOME to a folder")


def _switch(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip().lower()
    if value not in _YES and value not in _NO:
        raise UsageError(f"{name} is neither on nor off", do="Set it to 1 or 0")
    return value in _YES

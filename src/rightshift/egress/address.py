"""Addresses of the web that others gave us, taken apart. Where they lead is judged when dialled: `policy.py`."""

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from rightshift.errors import EgressError

_PORTS = {"http": 80, "https": 443}


def parsed(url: str) -> Url:
    """
    An address of http or https as the client will call it.

    Raises:
        EgressError: another kind, a password in it, or characters that no address has.
    """
    try:
        if not url.isascii() or len(url) > 1 << 16 or any(ord(char) <= 32 or ord(char) == 127 for char in url):
            raise LocationParseError("")
        found = parse_url(url)
    except (LocationParseError, ValueError) as error:
        raise EgressError("An address can't be read", means="It has characters that no address has") from error
    if found.scheme not in _PORTS or not found.host:
        kind = f"of kind {found.scheme[:20]}" if found.scheme else "without a kind"
        raise EgressError(f"An address {kind} is never called", do="Only http and https are")
    if found.auth is not None:
        raise EgressError(f"An address at {found.host[:255]} has a password in it", means="It is never called")
    return found


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host (lower case, without brackets) and port of an address. Raises EgressError when it is none."""
    found = parsed(url)
    scheme = found.scheme or ""
    return scheme, (found.host or "").lower().rstrip(".").strip("[]"), found.port or _PORTS[scheme]

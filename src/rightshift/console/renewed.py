"""Takes up a certificate that was renewed on disk, by whatever renews it, without a restart. Our own CA: `tls`."""

import asyncio
import logging
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

LOOK_S = 60.0
_LOG = logging.getLogger("rightshift.tls")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its chain, and its private key, as PEM files."""

    certificate: Path
    key: Path

    def stamp(self) -> tuple[tuple[int, int, int], ...]:
        """Another one when a file was written or put in another's place. Raises: OSError."""
        return tuple((s.st_mtime_ns, s.st_ino, s.st_size) for s in map(os.stat, (self.certificate, self.key)))

    def load(self, context: ssl.SSLContext) -> None:
        """For connections from now on. Raises: OSError (ssl.SSLError too), and then the context is as before."""
        # a certificate without its key would be taken over by halves
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        context.load_cert_chain(self.certificate, self.key)


async def follow(context: ssl.SSLContext, pair: Pair) -> None:
    """Until it is cancelled. A pair that can't be used is said, and the one before stays."""
    taken = pair.stamp()
    refused = None
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            now = pair.stamp()
            if now in (taken, refused):
                continue
            refused = now
            pair.load(context)
        except OSError as error:
            _LOG.error("the renewed certificate can't be used", extra={"error": str(error)})
        else:
            taken, refused = now, None
            _LOG.info("a renewed certificate was taken up")

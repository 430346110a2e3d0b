"""What can go wrong, in words for whoever has to do something about it. Losses of a scan: `model/inventory.Gap`."""


class RightshiftError(Exception):
    """
    Ends one command or one request. The command line prints it and never a trace.

    `what` happened, what it `means` and what to `do`: each a sentence without the final stop, the last two may be
    empty. None of them holds a secret, and text of scanned things is escaped by whoever prints it.
    """

    def __init__(self, what: str, *, means: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.means = means
        self.do = do

    def __str__(self) -> str:
        return ". ".join(part for part in (self.what, self.means, self.do) if part)


class UsageError(RightshiftError):
    """The words of a command or a configuration are wrong."""


class SourceError(RightshiftError):
    """Nothing could be read from what was to be scanned: no such image, refused, not what its digest says."""


class EgressError(RightshiftError):
    """An address was refused by policy, could not be reached, or did not answer as it should."""


class FeedError(RightshiftError):
    """The feed could not be had, checked, built or read. The one in use stays as it was."""


class Malformed(ValueError):
    """A file is not what its name says. The walk turns it into a gap with path and reason, and goes on."""

"""Which of two versions is older. One scheme a file; ranges over any of them in `ranges.py`."""

from rightshift.versions.scheme import Scheme, Unparsable

__all__ = ["Scheme", "Unparsable"]

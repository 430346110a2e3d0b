"""A process that `up` keeps ends with it, however that ends: nothing is left that holds its port or does its work."""

import os
from collections.abc import Sequence

_BY = "--kept-by="


def word() -> str:
    """For a process that this one starts and keeps."""
    return f"{_BY}{os.getpid()}"


def rest(words: Sequence[str]) -> list[str]:
    """All words but that one. Where it is there, the kernel ends this process from now on when its keeper ends."""
    others = [one for one in words if not one.startswith(_BY)]
    for keeper in (int(one.removeprefix(_BY)) for one in words if one.startswith(_BY)):
        from rightshift.scan.sandbox import end_with_parent

        end_with_parent(keeper)
    return others

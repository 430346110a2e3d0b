"""Names as they are stored, made into text that can be shown. Making text safe for one target: `escape.py`."""

import os


def shown(name: str | bytes) -> str:
    r"""
    A name with each byte that is no UTF-8 as \xNN; other names as they are.

    A `str` is a name as `os` gives it, with such bytes as lone surrogates.
    """
    if isinstance(name, str):
        return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")
    return name.decode("utf-8", "backslashreplace")


def is_real(name: str) -> bool:
    """Whether a name as it is shown is surely the stored one, so that it can be opened by it."""
    return "\\" not in name

"""Files that a user names, read whole and bounded. Where reports go: `outputs.py`."""

from pathlib import Path

from rightshift.errors import UsageError


def content(path: Path, limit_bytes: int, do: str) -> bytes:
    """
    What is in a regular file; nothing else is opened. `do` is what the error says to do.

    Raises: UsageError.
    """
    try:
        if not path.is_file():
            raise wrong(path, "there is no such file", do)
        with path.open("rb") as file:
            found = file.read(limit_bytes + 1)
    except OSError as error:
        raise wrong(path, error.strerror or "not readable", do) from error
    if len(found) > limit_bytes:
        raise wrong(path, f"more than {limit_bytes} bytes", do)
    return found


def wrong(path: Path, why: str, do: str) -> UsageError:
    """What is wrong with a file that was named."""
    return UsageError(f"{path}: {why}", do=do)

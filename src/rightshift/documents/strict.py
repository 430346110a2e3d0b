"""JSON that any two readers read alike: nothing stands twice, and all of it is text. Its shape: the documents' own."""

import json
from collections import Counter
from typing import NoReturn


class NotStrict(ValueError):
    """JSON with a key twice in one object, or with numbers that aren't any."""


def check(content: bytes) -> None:
    """
    Nothing is kept while it reads, so the memory it takes is a few times that of the bytes.

    Raises: NotStrict; UnicodeDecodeError; RecursionError for what is nested some thousand deep.
    """
    try:
        json.loads(content.decode(), object_pairs_hook=_object, parse_constant=_constant, parse_int=_number)
    except json.JSONDecodeError as error:
        raise NotStrict(str(error)) from error


def _object(pairs: list[tuple[str, None]]) -> None:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        twice, _ = Counter(keys).most_common(1)[0]
        raise NotStrict(f"the key {twice[:80]!a} stands twice in an object")


def _number(_: str) -> None:
    """Its size is the shape's business; Python would refuse thousands of digits in its own way."""


def _constant(text: str) -> NoReturn:
    raise NotStrict(f"{text} is no number")

"""Pieces of Markdown that pages made from code are put together of."""

import re
from collections.abc import Iterable, Iterator, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table."""
    made = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return made + [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def text(lines: Iterable[str]) -> Iterator[str]:
    """Lines that are shown as they are."""
    yield "```text"
    yield from lines
    yield "```"


def plain(words: str) -> str:
    """Markdown that shows a text as it is; what stands in backticks may stay."""
    parts = re.split(r"(`[^`]*`)", words)
    return "".join(part if part.startswith("`") else re.sub(r"([*_<>\[\]])", r"\\\1", part) for part in parts)


def sentence(words: str) -> str:
    """With a capital letter."""
    return words[:1].upper() + words[1:]

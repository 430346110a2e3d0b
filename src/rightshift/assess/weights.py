"""The numbers of the score, read from `weights.toml` when the first is asked for. Their sum: `rank.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Weight:
    """A number of the score and why it is that."""

    value: float
    why: str


@cache
def weights() -> Mapping[str, Weight]:
    """
    Every weight by its dotted name: `threat.attack.N`.

    The file is part of this package, as its code is: it is read as a resource, once, and nothing else ever is.
    """
    import pkgutil
    import tomllib

    content = pkgutil.get_data(__package__, "weights.toml")
    assert content is not None, "the file lies beside this module in every installation"
    found: dict[str, Weight] = {}
    pending: list[tuple[str, object]] = [("", tomllib.loads(content.decode()))]
    while pending:
        name, table = pending.pop()
        match table:
            case {"value": int() | float() as value, "why": str(why)}:
                found[name] = Weight(value, why)
            case dict():
                pending += [(f"{name}.{part}".lstrip("."), inner) for part, inner in table.items()]
            case _:
                continue
    return MappingProxyType(found)


def points(name: str) -> int:
    """The points that a fact is worth."""
    return int(weights()[name].value)


def figure(name: str) -> float:
    """A threshold or factor that is no number of points by itself."""
    return float(weights()[name].value)

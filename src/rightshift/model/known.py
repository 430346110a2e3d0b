"""What is known of a fact."""

from enum import Enum


class Known(Enum):
    """`UNKNOWN` is a value of its own: it is neither yes nor no, and never ranked as safe."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"

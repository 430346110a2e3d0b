"""What one scan may use. Ending a child that uses more: `child.py`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """
    Limits of one child that reads. Seconds are wall time but for `cpu_s`.

    `file_s` is for one file or one group of files: a reader that takes longer is interrupted and costs that file.
    `silence_s` is how long a child may say nothing before it is ended: longer than `file_s`, since code in C can't be
    interrupted. `answer_bytes` bounds what a child sends back. `address_space_bytes` counts
    on top of what it was born with, since a large program may fork it too.
    """

    total_s: float = 1800.0
    file_s: float = 10.0
    silence_s: float = 20.0
    cpu_s: int = 1200
    address_space_bytes: int = 1 << 30
    open_files: int = 512
    scratch_bytes: int = 1 << 30
    answer_bytes: int = 1 << 30
    restarts: int = 5
    """How often a scan goes on after a child was ended, each time without the file that it was reading."""

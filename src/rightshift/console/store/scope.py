"""What a caller may see: the first argument of everything in `read/`. Who gets which: `auth`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """`teams` None is everything; else only what belongs to one of them exists for the caller."""

    teams: frozenset[UUID] | None

    @property
    def parameter(self) -> list[UUID] | None:
        """For `%(teams)s::uuid[]` in SQL: NULL is everything, an empty list nothing."""
        return None if self.teams is None else sorted(self.teams)


EVERYTHING = Scope(None)
"""For what the console does itself."""

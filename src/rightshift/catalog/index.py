"""Which format wants which path, in one look-up over all declarations here. Reading what was wanted: `walk.py`."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, cached_property

from rightshift.catalog.declared import Declared, catalogue
from rightshift.catalog.format import Format


class _Candidates:
    """Patterns that share their last part's name or ending, or the folder: one expression says whether any fits."""

    def __init__(self) -> None:
        self._patterns: list[tuple[str, Declared]] = []

    def add(self, pattern: str, form: Declared) -> None:
        self._patterns.append((_expression(pattern), form))

    @cached_property
    def fits(self) -> Callable[[str], object]:
        return re.compile(_anchored("|".join(expression for expression, _ in self._patterns))).search

    @cached_property
    def _each(self) -> list[tuple[Callable[[str], object], Declared]]:
        return [(re.compile(_anchored(expression)).search, form) for expression, form in self._patterns]

    def of(self, path: str) -> Iterator[Declared]:
        return (form for fits, form in self._each if fits(path))


class Index:
    """
    Formats by the paths they want. Asked once for each file of a tree: three dict look-ups decide nearly always.

    It is the `Wants` of a tree, and asks for executables when a format does.
    """

    def __init__(self, declared: Iterable[Declared]) -> None:
        self._declared = tuple(declared)
        self.executables = any(form.executables for form in self._declared)
        self._by_name: dict[str, _Candidates] = {}
        self._by_ending: dict[str, _Candidates] = {}
        self._by_folder: dict[str, _Candidates] = {}
        for form in self._declared:
            for pattern in form.patterns:
                self._add(pattern, form)

    def _add(self, pattern: str, form: Declared) -> None:
        folder, _, last = pattern.rpartition("/")
        ending = last.rpartition(".")[2]
        if "*" not in last:
            table, key = self._by_name, last
        elif "." in last and "*" not in ending:
            table, key = self._by_ending, ending
        else:
            table, key = self._by_folder, folder.rpartition("/")[2]
            assert key not in ("", "*"), f"{form.name}: {pattern} would be asked of every file"
        table.setdefault(key, _Candidates()).add(pattern, form)

    def _candidates(self, path: str) -> tuple[_Candidates | None, _Candidates | None, _Candidates | None]:
        at = path.rfind("/")
        name = path[at + 1 :]
        folder = path[path.rfind("/", 0, at) + 1 : at] if at > 0 else ""
        return (
            self._by_name.get(name),
            self._by_ending.get(name[name.rfind(".") + 1 :]),
            self._by_folder.get(folder),
        )

    def _of(self, path: str) -> list[Declared]:
        found: list[Declared] = []
        for candidates in self._candidates(path):
            for form in candidates.of(path) if candidates else ():
                if form not in found:
                    found.append(form)
        return found

    def __call__(self, path: str) -> int:
        """The largest size in bytes that a format wants of this path; 0 when none does."""
        for candidates in self._candidates(path):
            if candidates is not None and candidates.fits(path):
                return max(form.limit_bytes for form in self._of(path))
        return 0

    def sieve(self, folder: str) -> Callable[[str], bool]:
        """Whether a name in that folder could be wanted; see `Wants`."""
        if folder[folder.rfind("/", 0, -1) + 1 : -1] in self._by_folder:
            return _any_name
        return self._may

    def _may(self, name: str) -> bool:
        return name in self._by_name or name[name.rfind(".") + 1 :] in self._by_ending

    def of(self, path: str) -> list[Format]:
        """The formats that want a path, each once."""
        return [form.format for form in self._of(path)]

    def load(self, names: Collection[str]) -> None:
        """Imports the readers of these formats, for a process that will be forked."""
        for form in self._declared:
            if form.name in names:
                _ = form.format

    @property
    def binary_formats(self) -> list[Format]:
        """The formats that look into executables that no path names."""
        return [form.format for form in self._declared if form.executables]


def _any_name(_name: str) -> bool:
    return True


def _expression(pattern: str) -> str:
    return "/".join("[^/]*".join(map(re.escape, part.split("*"))) for part in pattern.split("/"))


def _anchored(expression: str) -> str:
    return rf"(?:^|/)(?:{expression})\Z"


def index(ecosystems: Collection[str] = ()) -> Index:
    """The index over the formats of these purl types and of none in particular, or over all of them."""
    return _index(frozenset(ecosystems))


@cache
def _index(ecosystems: frozenset[str]) -> Index:
    return Index(form for form in catalogue().formats if not ecosystems or form.ecosystem in ("", *ecosystems))


def version(ecosystems: Collection[str] = ()) -> str:
    """Names what an index finds: it changes when a reader does, or other ecosystems are asked for."""
    return "+".join((catalogue().version, *sorted(ecosystems)))

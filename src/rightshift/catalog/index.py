"""Which format wants which path, in one look-up over all declarations here. Reading what was wanted: `walk.py`."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable

from rightshift.catalog.declared import Declared, catalogue
from rightshift.catalog.format import Format

_Candidates = dict[str, list[tuple[re.Pattern[str] | None, Declared]]]


class Index:
    """
    Formats by the paths they want. Asked once for each file of a tree: two dict look-ups decide nearly always.

    It is the `Wants` of a tree, and asks for executables when a format does.
    """

    def __init__(self, declared: Iterable[Declared]) -> None:
        self._declared = tuple(declared)
        self.executables = any(form.executables for form in self._declared)
        self._by_name: _Candidates = defaultdict(list)
        self._by_ending: _Candidates = defaultdict(list)
        self._others: list[tuple[re.Pattern[str] | None, Declared]] = []
        for form in self._declared:
            for pattern in form.patterns:
                self._add(pattern, form)
        self._by_name.default_factory = self._by_ending.default_factory = None

    def _add(self, pattern: str, form: Declared) -> None:
        last = pattern.rpartition("/")[2]
        ending = last.rpartition(".")[2]
        if "*" not in last:
            self._by_name[last].append((_regex(pattern) if "/" in pattern else None, form))
        elif "." in last and "*" not in ending:
            self._by_ending[ending].append((_regex(pattern), form))
        else:
            self._others.append((_regex(pattern), form))

    def _of(self, path: str) -> list[Declared]:
        name = path.rpartition("/")[2]
        found: list[Declared] = []
        for group in (self._by_name.get(name), self._by_ending.get(name.rpartition(".")[2]), self._others):
            for regex, form in group or ():
                if (regex is None or regex.search(path)) and form not in found:
                    found.append(form)
        return found

    def __call__(self, path: str) -> int:
        """The largest size in bytes that a format wants of this path; 0 when none does."""
        name = path[path.rfind("/") + 1 :]
        if name not in self._by_name and name[name.rfind(".") + 1 :] not in self._by_ending and not self._others:
            return 0
        return max((form.limit_bytes for form in self._of(path)), default=0)

    def of(self, path: str) -> list[Format]:
        """The formats that want a path, each once."""
        return [form.format for form in self._of(path)]

    @property
    def binary_formats(self) -> list[Format]:
        """The formats that look into executables that no path names."""
        return [form.format for form in self._declared if form.executables]


def _regex(pattern: str) -> re.Pattern[str]:
    body = "/".join("[^/]*".join(map(re.escape, part.split("*"))) for part in pattern.split("/"))
    return re.compile(rf"(?:^|/){body}\Z")


def index(ecosystems: Collection[str] = ()) -> Index:
    """The index over the formats of these purl types, or over all of them."""
    return Index(form for form in catalogue().formats if not ecosystems or form.ecosystem in ecosystems)


def version(ecosystems: Collection[str] = ()) -> str:
    """Names what an index finds: it changes when a reader does, or other ecosystems are asked for."""
    return "+".join((catalogue().version, *sorted(ecosystems)))

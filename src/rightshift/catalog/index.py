"""Which format wants which path, in one look-up over all declarations here. Reading what was wanted: `walk.py`."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

from rightshift import parts
from rightshift.catalog.format import Format

_Candidates = dict[str, list[tuple[re.Pattern[str] | None, Format]]]


class Index:
    """Formats by the paths they want. Asked once for each file of a tree: two dict look-ups decide nearly always."""

    def __init__(self, formats: Iterable[Format]) -> None:
        self.formats = tuple(formats)
        self.binary_formats = tuple(form for form in self.formats if form.executables)
        self.executables = bool(self.binary_formats)
        self._by_name: _Candidates = defaultdict(list)
        self._by_ending: _Candidates = defaultdict(list)
        self._others: list[tuple[re.Pattern[str] | None, Format]] = []
        for form in self.formats:
            for pattern in form.patterns:
                self._add(pattern, form)

    def _add(self, pattern: str, form: Format) -> None:
        last = pattern.rpartition("/")[2]
        ending = last.rpartition(".")[2]
        if "*" not in last:
            self._by_name[last].append((_regex(pattern) if "/" in pattern else None, form))
        elif "." in last and "*" not in ending:
            self._by_ending[ending].append((_regex(pattern), form))
        else:
            self._others.append((_regex(pattern), form))

    def of(self, path: str) -> list[Format]:
        """The formats that want a path, each once."""
        name = path.rpartition("/")[2]
        found: list[Format] = []
        candidates = self._by_name.get(name, ())
        endings = self._by_ending.get(name.rpartition(".")[2], ())
        for group in (candidates, endings, self._others):
            for regex, form in group:
                if (regex is None or regex.search(path)) and form not in found:
                    found.append(form)
        return found

    def __call__(self, path: str) -> int:
        """The largest size in bytes that a format wants of this path; 0 when none does. The `Wants` of a tree."""
        return max((form.limit_bytes for form in self.of(path)), default=0)


def _regex(pattern: str) -> re.Pattern[str]:
    body = "/".join("[^/]*".join(map(re.escape, part.split("*"))) for part in pattern.split("/"))
    return re.compile(rf"(?:^|/){body}\Z")


@cache
def declared() -> tuple[Format, ...]:
    """All formats of this folder by name; found by being there."""
    found = [
        form
        for module in parts.modules("rightshift.catalog")
        if isinstance(form := getattr(module, "FORMAT", None), Format)
    ]
    return tuple(sorted(found, key=lambda form: form.name))


def index(ecosystems: Collection[str] = ()) -> Index:
    """The index over the formats of these purl types, or over all of them."""
    return Index(form for form in declared() if not ecosystems or form.ecosystem in ecosystems)

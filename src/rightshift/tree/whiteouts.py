"""What one sees at the top of layers that lie on each other, and where links lead there. One layer: `changes.py`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rightshift.tree.changes import Changes, MalformedChanges, key

__all__ = ["Asked", "Changes", "MalformedChanges", "Stack"]

LINKS = 40
"""As many as the kernel follows in one path."""
PARTS = 4096
NAMES = 16
"""Links of one layer to the same folder that are tried when a path is looked for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A link at a path that somebody wanted the body of. `path` is as its layer writes it.

    `target` is where the body lies: the layer, and the path as that layer writes it. None: nowhere in the image.
    """

    layer: int
    path: str
    target: tuple[int, str] | None


class _Layer:
    """The changes of one layer, ready to be asked often."""

    __slots__ = ("_names", "changes", "files", "folders", "gone", "opaque", "passed", "through")

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.files = changes.files.fast()
        self.gone = changes.removed.fast()
        self.opaque = changes.opaque.fast()
        self.folders = changes.folders.fast()
        self.passed = changes.passed.fast()
        self.through: dict[str, str] = {}
        """Links that member paths of this layer lead through, with the real folder."""
        self._names: dict[str, list[str]] = {}

    def lead_through(self, links: dict[str, str]) -> None:
        """Paths below these links mean paths in real folders."""
        self.through = links
        self._names = {}
        for link, folder in links.items():
            names = self._names.setdefault(folder, [])
            if len(names) < NAMES:
                names.append(link)

    def own_names(self, path: str) -> list[str]:
        """All names by which this layer can write a real path."""
        names = [path]
        if self.through:
            parts = path.split("/")
            for count in range(len(parts)):
                rest = "/".join(parts[count:])
                names += [f"{link}/{rest}" for link in self._names.get("/".join(parts[:count]), ())]
        return names

    def hides(self, path: str, one: int) -> bool:
        """Whether what lay below this layer at a real path, whose key is `one`, is gone by what it has there."""
        if not self.through:  # nearly always, and asked of every path
            return one in self.files or one in self.gone or one in self.folders
        keys = [key(name) for name in self.own_names(path)]
        return any(k in self.files or k in self.gone or k in self.folders for k in keys)

    def hides_below(self, folder: str, one: int) -> bool:
        """Whether this layer takes away what lay in a real folder, whose key is `one`."""
        if not self.through:
            return one in self.files or one in self.gone or one in self.opaque
        keys = [key(name) for name in self.own_names(folder)]
        if any(k in self.files or k in self.gone or k in self.opaque for k in keys):
            return True
        linked = self._names.get(folder, ())
        return any(key(name) in self.opaque for link in linked for name in self.own_names(link))


class Stack:
    """
    Layers of an image from the base up, each by its changes.

    A member's path leads through the links of the layers below it, as it does when a runtime unpacks it: with
    `lib -> usr/lib` in one layer, `lib/apk/db/installed` in the next is `usr/lib/apk/db/installed`. A folder that has
    a member of its own replaces such a link.

    Source: OCI image specification, "Image Layer Filesystem Changeset", "Applying Changesets".
    """

    def __init__(self, changes: Sequence[Changes]) -> None:
        self._layers = [_Layer(one) for one in changes]
        self._last: dict[str, int] = {}
        self._links: dict[str, tuple[str, int]] = {}
        for number, layer in enumerate(self._layers):
            self._lay(number, layer)

    def canonical(self, layer: int, path: str) -> str:
        """The real path in the image of a member's path in one layer."""
        through = self._layers[layer].through
        if not through:
            return path
        parts = path.split("/")
        for count in range(len(parts) - 1, 0, -1):
            folder = through.get("/".join(parts[:count]))
            if folder is not None:
                return "/".join([*([folder] if folder else []), *parts[count:]])
        return path

    def visible(self, layer: int, path: str) -> bool:
        """Whether the file that a layer brought at `path`, as that layer writes it, is what one sees at the top."""
        if path in self._layers[layer].changes.links:
            return False
        return self._visible(layer, self.canonical(layer, path))

    def resolve(self, path: str) -> tuple[int, str] | None:
        """
        The layer that a file comes from, and its path as that layer writes it, links followed inside the image.

        None when it leads to nothing, to a folder, or in a circle. `path` is below the root of the whole image.
        """
        real = self._real(path, self._links)
        return None if real is None else self._at(real)

    def asked(self) -> list[Asked]:
        """The visible links at wanted paths, from the base up."""
        found = []
        for number, layer in enumerate(self._layers):
            for path in layer.changes.wanted:
                real = self.canonical(number, path)
                if self._visible(number, real):
                    hard = layer.changes.hard.get(path)
                    target = self._hard(number, hard) if hard is not None else self.resolve(real)
                    found.append(Asked(number, path, target))
        return found

    def _visible(self, layer: int, real: str) -> bool:
        upper = self._layers[layer + 1 :]
        if not upper:
            return True
        if self._hidden_in(real.rpartition("/")[0]) > layer:
            return False
        one = key(real)
        return not any(other.hides(real, one) for other in upper)

    def _hidden_in(self, folder: str) -> int:
        """The uppermost layer that takes away what lay in a real folder below it; -1 when none does."""
        found = self._last.get(folder)
        if found is not None:
            return found
        names, name = [], folder
        while name and name not in self._last:
            names.append(name)
            name = name.rpartition("/")[0]
        last = self._last[name] if name in self._last else self._top_most("")
        self._last[name] = last
        for one in reversed(names):
            last = self._last[one] = max(last, self._top_most(one))
        return last

    def _top_most(self, folder: str) -> int:
        one = key(folder)
        for number in range(len(self._layers) - 1, -1, -1):
            if self._layers[number].hides_below(folder, one):
                return number
        return -1

    def _lay(self, number: int, layer: _Layer) -> None:
        """Puts one layer on those below: what is gone with it, the links that its paths lead through, its own links."""
        own = layer.changes.links
        keys = {link: key(link) for link in (*self._links, *own)}
        below = _remaining(layer, self._links, keys)
        self._lead(layer, [link for link in below if keys[link] in layer.passed], below)
        kept = _remaining(layer, below, keys) if layer.through else below
        for path, target in own.items():
            kept[self.canonical(number, path)] = (target, number)
        self._links = kept
        here = dict.fromkeys((*below, *own))
        self._lead(
            layer, [link for link in here if keys[link] in layer.passed and keys[link] not in layer.folders], kept
        )

    def _lead(self, layer: _Layer, passed: list[str], links: Mapping[str, tuple[str, int]]) -> None:
        """Says anew through which links the paths of a layer lead, and where to."""
        through: dict[str, str] = {}
        more = self._led(dict(zip(passed, passed, strict=True)), links)
        while more and len(through) < PARTS:
            through |= more
            layer.lead_through(through)
            more = self._led({n: link for n, link in _behind(layer, more, links).items() if n not in through}, links)
        layer.lead_through(through)

    def _led(self, names: Mapping[str, str], links: Mapping[str, tuple[str, int]]) -> dict[str, str]:
        """The folders that links lead to, by the names given for them."""
        found = ((name, self._real(link, links)) for name, link in names.items())
        return {name: folder for name, folder in found if folder is not None}

    def _real(self, path: str, links: Mapping[str, tuple[str, int]]) -> str | None:
        """A path with all links followed; None when they run in a circle or the path grows without end."""
        todo = path.split("/")[::-1]
        done: list[str] = []
        followed = steps = 0
        while todo:
            part = todo.pop()
            if (steps := steps + 1) > PARTS:
                return None
            if part in ("", "."):
                continue
            if part == "..":
                if done:
                    done.pop()
                continue
            found = links.get("/".join([*done, part])) if links else None
            if found is None:
                done.append(part)
                continue
            if (followed := followed + 1) > LINKS:
                return None
            if found[0].startswith("/"):
                done.clear()
            todo += found[0].split("/")[::-1]
        return "/".join(done)

    def _at(self, real: str) -> tuple[int, str] | None:
        """The visible file at a real path, by layer and the name it has there."""
        for number in range(len(self._layers) - 1, -1, -1):
            layer = self._layers[number]
            for name in layer.own_names(real):
                if key(name) in layer.files:
                    if not self._visible(number, real):
                        return None
                    hard = layer.changes.hard.get(name)
                    return (number, name) if hard is None else self._hard(number, hard)
        return None

    def _hard(self, number: int, path: str) -> tuple[int, str] | None:
        """The member that a hard link shares its body with, in the same layer, or else in one below."""
        layer = self._layers[number]
        for _ in range(LINKS):
            if path in layer.changes.links:
                return self.resolve(self.canonical(number, path))
            after = layer.changes.hard.get(path)
            if after is None:
                break
            path = after
        else:
            return None
        if key(path) in layer.files:
            return number, path
        real = self.canonical(number, path)
        for lower in range(number - 1, -1, -1):
            for name in self._layers[lower].own_names(real):
                if key(name) in self._layers[lower].files:
                    return lower, name
        return None


def _behind(layer: _Layer, led: Mapping[str, str], links: Iterable[str]) -> dict[str, str]:
    """Links that a layer passes by a name that leads through another one, by that name."""
    folders = tuple(folder and f"{folder}/" for folder in led.values())
    passed: dict[str, list[str]] = {}
    found: dict[str, str] = {}
    for link in links:
        if link.startswith(folders):
            folder, _, last = link.rpartition("/")
            if folder not in passed:
                names = (name.rpartition("/")[0] for name in layer.own_names(link)[1:])
                passed[folder] = [name for name in names if key(name) in layer.passed]
            found |= {name: link for name in (f"{one}/{last}" for one in passed[folder]) if key(name) in layer.passed}
    return found


def _remaining(
    layer: _Layer, links: Mapping[str, tuple[str, int]], keys: Mapping[str, int]
) -> dict[str, tuple[str, int]]:
    """The links of the layers below that a layer leaves where they are."""
    taken: dict[str, bool] = {"": layer.hides_below("", key(""))}
    return {
        link: found
        for link, found in links.items()
        if not layer.hides(link, keys[link]) and not _taken(layer, link.rpartition("/")[0], taken)
    }


def _taken(layer: _Layer, folder: str, known: dict[str, bool]) -> bool:
    """Whether a layer takes away what lay in a folder or in one above it; what was asked before is in `known`."""
    names = []
    while folder not in known:
        names.append(folder)
        folder = folder.rpartition("/")[0]
    found = known[folder]
    for name in reversed(names):
        found = known[name] = found or layer.hides_below(name, key(name))
    return found

"""Searches an executable for the text that says what it is. Which texts: `classifiers.py`."""

from collections.abc import Iterator

from rightshift.catalog.binaries.classifiers import BY_FILE, SPAN_BYTES, Classifier
from rightshift.catalog.format import Format
from rightshift.model.inventory import Gap
from rightshift.model.package import Package
from rightshift.tree.file import File

SEARCHED_BYTES = 512 << 20
CHUNK_BYTES = 1 << 20
ANCHORS = 20_000
"""Places in one file at which a pattern is tried."""


def read_file(file: File) -> Iterator[Package | Gap]:
    """
    The program that a file is, if its name and a text in it agree. Where several texts disagree it is none, and a gap.

    Nothing else is searched: a name alone is no proof, and neither is a text alone.
    """
    name, library, _ = file.path.rpartition("/")[2].partition(".so")
    for classifier in BY_FILE.get(name.removesuffix(".exe") + library, ()):
        search = _Search(file, classifier)
        versions = search.versions()
        if len(versions) == 1:
            yield Package(ecosystem="generic", name=classifier.name, version=versions[0], evidence="classifier")
        elif versions:
            yield Gap("", f"looks like {classifier.name}, and holds several versions: {', '.join(versions[:5])}")
        if search.cut_off:
            yield Gap("", f"looks like {classifier.name}, and was not searched to its end")
        if len(versions) == 1:
            return


class _Search:
    """One classifier's way through one file, in chunks that overlap by what a pattern may span."""

    def __init__(self, file: File, classifier: Classifier) -> None:
        self.file = file
        self.classifier = classifier
        self.cut_off = False
        self._tries = 0
        self._besides = not classifier.besides

    def versions(self) -> list[str]:
        """Each version that was found, once; only the first unless all must agree."""
        found: dict[str, None] = {}
        overlap = self.classifier.before + max(map(len, self.classifier.anchors)) + SPAN_BYTES
        end = min(self.file.size, SEARCHED_BYTES)
        for at in range(0, end, CHUNK_BYTES):
            chunk = self.file.pread(max(0, at - overlap), min(CHUNK_BYTES, end - at) + min(at, overlap))
            self._besides = self._besides or self.classifier.besides in chunk
            whole = len(chunk) if at + CHUNK_BYTES >= end else len(chunk) - SPAN_BYTES
            found.update(dict.fromkeys(self._in(chunk, whole)))
            if self.cut_off or (found and not self.classifier.alone):
                break
        else:
            self.cut_off = end < self.file.size
        return list(found) if self._besides else []

    def _in(self, chunk: bytes, whole: int) -> Iterator[str]:
        """Anchors that end behind `whole` are left to the next chunk, which has all that follows them."""
        for anchor in self.classifier.anchors:
            yield from self._around(anchor, chunk, whole)

    def _around(self, anchor: bytes, chunk: bytes, whole: int) -> Iterator[str]:
        classifier = self.classifier
        at = chunk.find(anchor, 0, whole)
        while at >= 0:
            self._tries += 1
            if self._tries > ANCHORS:
                self.cut_off = True
                return
            start = max(0, at - classifier.before)
            window = chunk[start : at + len(anchor) + SPAN_BYTES]
            match = classifier.pattern.search(window) if classifier.before else classifier.pattern.match(window)
            if match:
                yield match[match.lastindex or 0].decode("ascii")
                if not classifier.alone:
                    return
            at = chunk.find(anchor, at + 1, whole)


FORMAT = Format(
    name="programs",
    ecosystem="generic",
    title="Programs without a package: python, node, openssl, busybox, nginx, httpd, redis, postgres, mysql, mariadb, "
    "haproxy, php, java, curl, go, envoy",
    executables=True,
    limit_bytes=1 << 40,
    read_file=read_file,
)

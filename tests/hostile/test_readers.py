"""Whatever bytes a reader gets: what it documents comes out, soon, in little memory, and nothing acts on a screen."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from rightshift.catalog.format import Found
from rightshift.catalog.walk import lacks
from rightshift.documents import scan as documents
from rightshift.model.inventory import Gap, Inventory, Subject
from rightshift.model.package import Distro, Package
from rightshift.report import format as reports
from rightshift.report.result import Result
from tests.hostile import elsewhere, feeds, readers
from tests.hostile.case import unfit
from tests.hostile.confined import Confined, failure_of
from tests.hostile.mutation import mutated
from tests.hostile.readers import Reader

READERS = [*readers.discovered(), *elsewhere.readers(), *feeds.readers()]
SHORT, LONG = 15, 2_000
SHOWN = 40
"""Packages and gaps of one input that are written in every output format."""


def ids(reader: Reader) -> str:
    return reader.name


@pytest.mark.parametrize("reader", READERS, ids=ids)
def test_it_takes_damaged_input_as_documented(reader: Reader, tmp_path: Path) -> None:
    fuzz(reader, tmp_path, SHORT, fixed=True)


@pytest.mark.prove
@pytest.mark.parametrize("reader", READERS, ids=ids)
def test_it_takes_thousands_of_damaged_inputs_as_documented(reader: Reader, tmp_path: Path) -> None:
    fuzz(reader, tmp_path, LONG, fixed=False)


@pytest.mark.parametrize("reader", READERS, ids=ids)
def test_it_is_tried_with_inputs_that_it_reads(reader: Reader, tmp_path: Path) -> None:
    read = 0
    for content in reader.seeds():
        try:
            list(reader.read(content, tmp_path))
        except reader.refuses:
            continue
        read += 1
    assert read


def fuzz(reader: Reader, folder: Path, count: int, *, fixed: bool) -> None:
    """Fails the test with the first input that is not taken as documented."""

    valid = list(reader.seeds())
    show(taken(reader, valid[0], folder))  # imports what it needs, for all children

    def run(confined: Confined) -> None:
        @settings(
            max_examples=max(count // reader.cost, SHORT // 2),
            deadline=None,
            derandomize=fixed,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(mutated(valid))
        def tried(content: bytes) -> None:
            with confined.reading(content):
                show(taken(reader, content, folder))

        tried()

    if failure := failure_of(run, folder / "failure"):
        pytest.fail(f"{reader.name}: {failure}", pytrace=False)


def taken(reader: Reader, content: bytes, folder: Path) -> list[Found]:
    """What comes out; why it was refused is a gap."""
    found: list[Found] = []
    try:
        found.extend(reader.read(content, folder))
    except reader.refuses as error:
        found.append(Gap("", str(error)))
    return found


def show(found: Iterable[Found]) -> None:
    """As a scan would: into a document, and where a text is none for a screen into every output format."""
    packages = tuple(item for item in found if isinstance(item, Package) and not lacks(item))
    gaps = tuple(item for item in found if isinstance(item, Gap))
    distro = next((item for item in found if isinstance(item, Distro)), None)
    document = of(packages, gaps, distro)
    assert documents.decode(documents.encode(document)) == document
    odd = tuple(one for one in packages if not repr_of(one).isprintable())[:SHOWN]
    strange = tuple(one for one in gaps if not f"{one.path}{one.reason}".isprintable())[:SHOWN]
    if not odd and not strange:
        return
    result = Result(document=of(odd, strange, distro))
    for name, form in reports.declared():
        out = BytesIO()
        form.write(result, out)
        text = out.getvalue().decode().replace("\r\n", "\n" if name == "csv" else "\r\n")
        assert not list(unfit(text)), name


def repr_of(package: Package) -> str:
    """All its text together."""
    texts = [package.name, package.version, package.namespace, package.arch, *package.licenses, *package.locations]
    return "".join(texts)


def of(packages: tuple[Package, ...], gaps: tuple[Gap, ...], distro: Distro | None) -> documents.ScanDocument:
    """The document of a scan that found this."""
    inventory = Inventory(packages=packages, gaps=gaps, distro=distro)
    subject = Subject(kind="directory", name="app")
    return documents.of(subject, inventory, created="2026-01-05T08:00:00Z", id="0" * 32, catalogue="1")

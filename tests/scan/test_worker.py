"""What a child makes of one file by itself, and how losses come out of it. A child that is ended: `test_child.py`."""

import gzip
import hashlib
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rightshift.model.inventory import Layer, Subject
from rightshift.scan import parts
from rightshift.scan.budget import Budget
from rightshift.scan.channel import Job
from rightshift.scan.crew import Crew
from rightshift.tree.material import Blob, FileMaterial, ImageMaterial, TreeMaterial
from tests.scan import planted

INDEX = planted.index(good=planted.good)
TREE = {"srv/good": "1.0", "srv/other": "x", "deep/er/good": "2.0"}


def tar(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return out.getvalue()


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def read(tmp_path: Path, name: str, content: bytes) -> parts.Read:
    """A file by itself, under this name."""
    file = tmp_path / "file"
    file.write_bytes(content)
    fd = os.open(file, os.O_RDONLY)
    try:
        material = FileMaterial(subject=Subject(kind="file", name=name), fd=fd, name=name, size_bytes=len(content))
        with Crew(lambda: INDEX) as crew:
            return parts.read(crew, material, Budget(), [Job(0)])
    finally:
        os.close(fd)


def found(done: parts.Read) -> dict[str, str]:
    return {reading.path: package.version for reading in done.results[0].readings for package in reading.packages}


def test_a_file_is_read_by_its_own_name(tmp_path: Path) -> None:
    assert found(read(tmp_path, "good", b"3.0")) == {"good": "3.0"}
    assert found(read(tmp_path, "nothing", b"3.0")) == {}


@pytest.mark.parametrize("pack", [tar, zipped, lambda files: gzip.compress(tar(files))], ids=["tar", "zip", "tar.gz"])
def test_an_archive_is_the_tree_that_it_packs(pack: Callable[[dict[str, str]], bytes], tmp_path: Path) -> None:
    assert found(read(tmp_path, "x.archive", pack(TREE))) == {"srv/good": "1.0", "deep/er/good": "2.0"}


def test_a_zip_that_is_cut_off_costs_itself(tmp_path: Path) -> None:
    done = read(tmp_path, "x.zip", zipped(TREE)[:-30])
    assert done.refused or done.results[0].gaps


def test_a_member_of_a_zip_that_is_damaged_costs_itself_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zipped(TREE))) as archive:
        at = archive.getinfo("srv/good").header_offset + 30 + len("srv/good")
    content = bytearray(zipped(TREE))
    content[at] ^= 0xFF
    done = read(tmp_path, "x.zip", bytes(content))
    assert found(done) == {"deep/er/good": "2.0"}
    assert [gap.path for gap in done.results[0].gaps] == ["srv/good"]


def test_a_reader_that_makes_a_mistake_costs_its_part_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(b"\xff")  # its reader takes text for granted
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    with Crew(lambda: INDEX) as crew:
        done = parts.read(crew, TreeMaterial(subject=Subject(kind="directory", name="x"), fd=fd), Budget(), [Job(0)])
    os.close(fd)
    said = [*done.refused.values(), *(gap.reason for result in done.results.values() for gap in result.gaps)]
    assert len(said) == 1
    assert "utf-8" in said[0] or "UnicodeDecodeError" in said[0]


def test_what_is_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    for name in ("kept", "left"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "good").write_text(name)
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    subject = Subject(kind="host", name="x")
    with Crew(lambda: INDEX) as crew:
        material = TreeMaterial(subject=subject, fd=fd, skip=(("left", "a store"),))
        done = parts.read(crew, material, Budget(), [Job(0)])
    os.close(fd)
    assert found(done) == {"kept/good": "kept"}
    assert [(one.path, one.reason) for one in done.results[0].skipped] == [("left", "a store")]


def test_many_results_come_in_several_messages_and_in_their_order(tmp_path: Path) -> None:
    files = {f"{at:04}/good": str(at) for at in range(1_000)}
    assert list(found(read(tmp_path, "x.tar", tar(files))).items()) == list(files.items())


def test_a_layer_after_one_with_an_interrupted_file_is_whole_itself(tmp_path: Path) -> None:
    layers, fds = [], []
    for number, files in enumerate(({"slow": ""}, {"good": "1.0"})):
        content = tar(files)
        (tmp_path / str(number)).write_bytes(content)
        fds.append(os.open(tmp_path / str(number), os.O_RDONLY))
        layer = Layer(digest="sha256:" + hashlib.sha256(content).hexdigest(), size_bytes=len(content))
        layers.append(Blob(layer=layer, media_type="", open=lambda: pytest.fail("it lies here"), fd=fds[-1]))
    image = ImageMaterial(subject=Subject(kind="image", name="app"), layers=tuple(layers))
    index = planted.index(slow=planted.spins, good=planted.good)
    with Crew(lambda: index, workers=1) as crew:
        done = parts.read(crew, image, Budget(file_s=0.2), [Job(0), Job(1)])
    for fd in fds:
        os.close(fd)
    assert [done.results[number].repeatable for number in (0, 1)] == [False, True]

"""Children are hired, told apart, ended and gone, whatever happens to them or to who forks them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightshift.errors import RightshiftError
from rightshift.scan import channel
from rightshift.scan.budget import Budget
from rightshift.scan.crew import DESCRIPTORS_AT_ONCE, Crew, Hired
from tests.scan import planted


@pytest.fixture
def crew() -> Iterator[Crew]:
    with Crew(lambda: planted.index(good=planted.good)) as made:
        yield made


def hired(crew: Crew, *fds: int) -> Hired:
    found = crew.hire(fds, wait=True)
    assert found
    return found


def first_message(child: Hired) -> channel.Message:
    frames = channel.Frames()
    while content := os.read(child.results, 1 << 16):
        for frame in frames.feed(content):
            return channel.decoded(frame)
    raise EOFError


def forked_by(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def foreman() -> int:
    (pid,) = forked_by(os.getpid())
    return pid


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def wait_until_gone(pid: int) -> None:
    fd = os.pidfd_open(pid) if not gone(pid) else -1
    if fd >= 0:
        import select

        assert select.select([fd], [], [], 10)[0]
        os.close(fd)


def test_a_child_says_which_walls_stand_once_it_has_its_order(crew: Crew) -> None:
    child = hired(crew)
    channel.send_order(child.orders, channel.Order([], Budget(), {}))
    assert isinstance(first_message(child), channel.Walls)
    crew.end(child)
    child.close()


def test_there_is_no_place_for_one_more_than_there_are_workers(crew: Crew) -> None:
    children = [hired(crew) for _ in range(crew.workers)]
    assert crew.hire((), wait=False) is None
    crew.end(children[0])
    more = crew.hire((), wait=False)
    assert more
    for child in (*children[1:], more):
        crew.end(child)
    for child in (*children, more):
        child.close()


def test_whoever_waits_for_a_place_gets_the_next_that_is_free(crew: Crew) -> None:
    children = [hired(crew) for _ in range(crew.workers)]
    got: list[Hired] = []
    waiting = threading.Thread(target=lambda: got.append(hired(crew)))
    waiting.start()
    crew.end(children[0])
    waiting.join(10)
    assert len(got) == 1
    for child in (*children[1:], *got):
        crew.end(child)
    for child in (*children, *got):
        child.close()


def test_how_a_child_ended_is_told(crew: Crew) -> None:
    child = hired(crew)
    status = crew.end(child)
    child.close()
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_it_gets_more_descriptors_than_the_kernel_passes_at_once(crew: Crew, tmp_path: Path) -> None:
    files = [os.memfd_create(str(number)) for number in range(DESCRIPTORS_AT_ONCE * 2 + 7)]
    os.write(files[-1], b"the last")
    child = hired(crew, *files)
    part = channel.FilePart(len(files) - 1, b"good", 8, is_sbom=False)
    channel.send_order(child.orders, channel.Order([part], Budget(), {}))
    channel.send_order(child.orders, channel.Job(0))
    frames, found = channel.Frames(), list[channel.Message]()
    while not any(isinstance(message, channel.Done) for message in found):
        found += [channel.decoded(frame) for frame in frames.feed(os.read(child.results, 1 << 16))]
    crew.end(child)
    child.close()
    for fd in files:
        os.close(fd)
    (batch,) = (message for message in found if isinstance(message, channel.Batch))
    assert [package.version for reading in batch.readings for package in reading.packages] == ["the last"]


def test_closing_it_ends_everyone(crew: Crew) -> None:
    child = hired(crew)
    channel.send_order(child.orders, channel.Order([], Budget(), {}))
    first_message(child)
    chief = foreman()
    (pid,) = forked_by(chief)
    crew.close()
    wait_until_gone(pid)
    assert gone(chief)
    child.close()


def test_when_who_forks_is_gone_hiring_fails_and_nothing_hangs(crew: Crew) -> None:
    child = hired(crew)
    os.kill(foreman(), signal.SIGKILL)
    assert crew.end(child) == 0
    child.close()
    wait_until_gone(foreman())
    for _ in range(crew.workers + 1):
        with pytest.raises(RightshiftError, match="gone"):
            crew.hire((), wait=True)


HOLDS = """
import os, sys
from rightshift.scan.crew import Crew
from tests.scan import planted
crew = Crew(lambda: planted.index(good=planted.good))
children = [crew.hire((), wait=True) for _ in range(2)]
from rightshift.scan import channel
from rightshift.scan.budget import Budget
for child in children:
    channel.send_order(child.orders, channel.Order([], Budget(), {}))
    os.read(child.results, 1)
print("ready", flush=True)
sys.stdin.read()
"""


def test_when_the_parent_is_killed_nobody_is_left() -> None:
    here = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == "ready\n"
        (chief,) = forked_by(parent.pid)
        children = forked_by(chief)
        parent.kill()
    assert len(children) == 2
    for pid in (chief, *children):
        wait_until_gone(pid)

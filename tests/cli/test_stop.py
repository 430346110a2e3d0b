"""A signal ends a command with its code and without a word, also where Python swallows or wraps what it raises."""

import signal
import subprocess
import sys

import pytest

RUN = """
import os, signal, sys, threading, weakref
from rightshift.cli import run
class Thing:
    def __set_name__(self, owner, name):
        stop()
def stop():
    os.kill(os.getpid(), int(sys.argv[1]))
    signal.pause()
def swallowed(_words, _streams):
    thing = Thing()
    watched = weakref.ref(thing, lambda _: stop())
    del thing
    return 0
def wrapped(_words, _streams):
    class Owner:
        thing = Thing()
    return 0
def broken(_words, _streams):
    lock = threading.Lock()
    with lock:
        lock.release()
        stop()
def beside(_words, _streams):
    stopped = threading.Event()
    def work():
        stopped.wait()
        raise OSError("what was worked on is gone")
    thread = threading.Thread(target=work)
    thread.start()
    try:
        stop()
    finally:
        stopped.set()
        thread.join()
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "datetime":
            sys.meta_path.pop(0)
            stop()
def half_loaded(_words, _streams):
    sys.meta_path.insert(0, Finder())
    import msgspec
    msgspec.json.encode({"seen": frozenset({1})})
    stop()
run._dispatch = globals()[sys.argv[2]]
sys.exit(run.run(["version"]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("name", ["swallowed", "wrapped", "broken", "beside", "half_loaded"])
def test_it_ends_with_its_code_and_without_a_word(name: str, number: int) -> None:
    done = subprocess.run([sys.executable, "-c", RUN, str(int(number)), name], timeout=20, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"")

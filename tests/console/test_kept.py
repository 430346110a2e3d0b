"""A process that somebody keeps ends when its keeper does."""

import os
import subprocess
import sys

from rightshift.console import kept


def test_without_a_keeper_all_words_stay() -> None:
    assert kept.rest(["3", "--follow"]) == ["3", "--follow"]


def test_one_whose_keeper_is_gone_already_does_not_begin() -> None:
    program = "import sys; from rightshift.console import kept; print(kept.rest(sys.argv[1:]))"
    run = [sys.executable, "-c", program, "a"]
    assert subprocess.run([*run, kept.word()], capture_output=True, text=True).stdout == "['a']\n"
    orphan = subprocess.run([*run, f"--kept-by={os.getppid()}"], capture_output=True, text=True)
    assert (orphan.returncode, orphan.stdout) == (1, "")

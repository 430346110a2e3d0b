"""The command line as a whole: exit codes, errors in words, nothing that acts on a screen."""

import itertools
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rightshift import __version__
from rightshift.cli import command, help, run
from rightshift.cli.main import main
from rightshift.cli.streams import Streams

PROGRAM = (sys.executable, "-c", "from rightshift.cli.main import entry; entry()")
each = pytest.mark.parametrize("name", command.names())


@pytest.mark.parametrize("words", [["--version"], ["-V"], ["version"]])
def test_the_version(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out.startswith(f"rightshift {__version__}\n")


def test_the_version_loads_nothing_else() -> None:
    loaded = "import sys; from rightshift.cli.main import main; main(['--version']); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
    assert not set(out.split()) & {"argparse", "msgspec", "rightshift.cli.run", "rightshift.errors"}


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_lists_all_commands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    said = capsys.readouterr().out
    assert all(f"  {name}" in said for name in command.names())


PAGES = [*([name, "--help"] for name in command.names()), ["help"], *(["help", topic] for topic in help.TOPICS)]


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_a_page_of_help_fits_the_terminal_but_for_what_is_to_be_copied(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    command._columns.cache_clear()
    try:
        for words in PAGES:
            assert main(words) == 0
            long = [line for line in capsys.readouterr().out.splitlines() if len(line) > columns]
            assert [line for line in long if not re.search(r"rightshift | = |\{.*\}", line)] == [], words
    finally:
        command._columns.cache_clear()


def test_a_page_says_the_same_however_wide_it_is() -> None:
    for _, declared in command.declared():
        for text in (declared.about, command.EXIT_CODES, help.ENVIRONMENT):
            assert command.fitted(text, 40).split() == text.split()


@each
def test_each_command_has_a_page_with_an_example_and_the_exit_codes(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--help"]) == 0
    page = capsys.readouterr().out
    assert f"  rightshift {name}" in page.split("examples:")[1]
    assert "3  a gate of --fail-on failed" in page
    assert "--json" in page
    assert main(["help", name]) == 0
    assert page.strip() in capsys.readouterr().out


@each
def test_the_examples_of_a_page_are_understood(name: str) -> None:
    import shlex

    declared = command.named(name)
    for words, _ in declared.examples:
        split = shlex.split(words)
        split = list(itertools.takewhile(lambda word: word not in "<>", split))
        if split[0] == name and "|" not in split:
            command.parser(name, declared).parse_args(split[1:])


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nothing"],
        ["\x1b[31mred"],
        ["help", "nothing"],
        ["scan"],
        ["scan", ".", "--no-such-option"],
        ["version", "more"],
        ["scan", ".", "--format", "nothing"],
        ["scan", ".", "--json", "--format", "csv"],
        ["scan", ".", "-o", "sarif"],
        ["scan", ".", "-o", "sarif=/no/such/folder/x"],
        ["scan", ".", "-o", "sarif=."],
        ["scan", ".", "-o", "sarif=-", "-o", "csv=-"],
        ["scan", ".", "--format", "csv", "-o", "json=-"],
        ["scan", ".", "--fail-on", "nothing"],
        ["scan", ".", "--no-match", "--fail-on", "kev"],
        ["scan", ".", "--no-match", "--ecosystems", "nothing"],
        ["scan", ".", "--allow-network", "everywhere"],
        ["formats", "--ecosystems", "nothing"],
        ["completion", "tcsh"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_2_and_says_what_to_do(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out, said = capsys.readouterr()
    assert not out
    assert said.startswith("rightshift: error: ")
    assert said.count("\n") >= 2
    assert "\x1b" not in said


def test_a_mistake_of_ours_is_1_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_words: object, _streams: Streams) -> int:
        raise KeyError("\x1b[31m\nforged")

    monkeypatch.setattr(run, "_dispatch", fail)
    assert main(["version"]) == 1
    said = capsys.readouterr().err
    assert "KeyError" in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 2
    monkeypatch.setenv("RIGHTSHIFT_DEBUG", "1")
    assert main(["version"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "\x1b" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_unwinds_and_gives_its_code(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    unwound: list[str] = []

    def wait(_words: object, _streams: Streams) -> int:
        try:
            os.kill(os.getpid(), number)
            signal.pause()
        finally:
            unwound.append("yes")
        return 0

    before = signal.getsignal(number)
    monkeypatch.setattr(run, "_dispatch", wait)
    assert main(["version"]) == 128 + number
    assert unwound == ["yes"]
    assert signal.getsignal(number) == before


def test_what_does_not_unwind_is_ended() -> None:
    stuck = """
import os, signal, sys
from rightshift.cli import run
def wait(_words, _streams):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    finally:
        while True:
            signal.pause()
run._dispatch = wait
sys.exit(run.run(["version"]))
"""
    assert subprocess.run([sys.executable, "-c", stuck], timeout=20).returncode == 143


def test_a_pipe_that_nobody_reads_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*PROGRAM, "formats"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (run.BROKEN_PIPE, b"")


def test_a_full_disk_is_said() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*PROGRAM, "formats"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert b"can't be written" in done.stderr
    assert b"Traceback" not in done.stderr


def test_closed_streams_are_no_crash() -> None:
    script = " ".join(("exec", sys.executable, "-m", "rightshift", "version", ">&-", "2>&-"))
    assert subprocess.run(["/bin/sh", "-c", script], env=os.environ | {"PYTHONPATH": "src"}).returncode in (0, 1)


@each
def test_each_command_understands_json(name: str) -> None:
    parsed = command.parser(name, command.named(name))
    assert any("--json" in action.option_strings for action in parsed.declared)


@pytest.mark.parametrize("words", [["version"], ["formats"], ["help"], ["help", "gates"], ["completion", "bash"]])
def test_json_is_one_object(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out), dict)


def test_a_result_does_not_stand_behind_what_was_being_done() -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as screen:
        streams = Streams(screen, screen, {"TERM": "xterm"})
        streams.progress("reading")
        streams.line("SCORE")
        streams.flush()
        seen = b""
        while not seen.endswith(b"\n"):  # a terminal gives what was written in as many pieces as it likes
            seen += os.read(master, 1000)
    assert seen == b"\rreading\r       \rSCORE\r\n"
    os.close(master)


def test_progress_is_for_a_terminal_and_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    seen, piped = Terminal(), io.StringIO()
    monkeypatch.setenv("COLUMNS", "40")
    for err in (seen, piped):
        streams = Streams(None, err, {})
        streams.progress("reading \x1b[31mlayer " + "x" * 100)
        streams.note("done")
    assert piped.getvalue() == "rightshift: done\n"
    assert "\x1b" not in seen.getvalue()
    assert seen.getvalue().endswith("\r" + " " * 39 + "\rrightshift: done\n")
    quiet = Streams(None, seen, {}, quiet=True)
    quiet.note("more")
    assert "more" not in seen.getvalue()


@pytest.mark.parametrize(("extra", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_only_where_it_is_wanted(extra: dict[str, str], colour: bool) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as out:
        screen = Streams(out, None, {"TERM": "xterm", **extra}).screen()
    os.close(master)
    assert screen
    assert screen.colour is colour
    with Path(os.devnull).open("w") as nowhere:
        assert Streams(nowhere, None, {"TERM": "xterm"}).screen() is None

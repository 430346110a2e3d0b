"""Scripts for shells name every command and option, and the shells that are here read them."""

import shutil
import subprocess

import pytest

from rightshift.cli import command
from rightshift.cli.main import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_command_and_option_is_in_it(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for name, declared in command.declared():
        assert name in script
        for action in command.parser(name, declared).declared:
            for option in action.option_strings:
                assert option.lstrip("-") in script


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_it(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not shutil.which(shell):
        pytest.skip(f"no {shell} here")
    main(["completion", shell])
    script = capsys.readouterr().out
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


def test_bash_completes_commands_options_and_their_values(capsys: pytest.CaptureFixture[str]) -> None:
    if not shutil.which("bash"):
        pytest.skip("no bash here")
    main(["completion", "bash"])
    script = capsys.readouterr().out

    def complete(*words: str) -> list[str]:
        line = f'COMP_WORDS=({" ".join(words)} ""); COMP_CWORD={len(words)}; _rightshift; '
        ask = line + 'printf "%s\\n" "${COMPREPLY[@]}"'
        return subprocess.run(["bash", "-c", script + ask], capture_output=True, text=True, check=True).stdout.split()

    assert "scan" in complete("rightshift")
    assert "--fail-on" in complete("rightshift", "scan")
    assert "zsh" in complete("rightshift", "completion")
    assert complete("rightshift", "findings", "--band") == ["now", "soon", "plan", "routine"]
    assert {"follow", "cancel", "--state"} <= set(complete("rightshift", "jobs"))
    assert {"status", "gates"} <= set(complete("rightshift", "help"))

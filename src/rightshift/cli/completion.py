"""`rightshift completion`: what a shell needs to complete commands and options, made from their declarations."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from rightshift.cli import command, help
from rightshift.cli.command import Command, Parser
from rightshift.cli.streams import Streams


@dataclass(frozen=True, slots=True)
class _Option:
    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]


def _arguments(parser: Parser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="which shell")


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell]
    script = "\n".join(make()) + "\n"
    if arguments.json:
        streams.json({"shell": arguments.shell, "script": script})
    else:
        streams.write(script.encode())
    return 0


def _options(name: str, declared: Command) -> tuple[list[_Option], tuple[str, ...]]:
    """Options of a command, and the words that its first argument may be."""
    options: list[_Option] = []
    words: tuple[str, ...] = ()
    for action in command.parser(name, declared).declared:
        choices = tuple(map(str, action.choices or ()))
        if action.option_strings:
            takes_value = action.nargs != 0
            text = (action.help or "").replace("%%", "%")
            options.append(_Option(tuple(action.option_strings), text, takes_value, choices))
        else:
            words = words or choices
    return options, (*command.names(), *help.TOPICS) if name == "help" else words


def _bash() -> Iterator[str]:
    yield "# rightshift completion bash > /etc/bash_completion.d/rightshift"
    yield "_rightshift() {"
    yield '    local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=""'
    yield '    case "${COMP_WORDS[1]} $before" in'
    for name, declared in command.declared():
        for option in _options(name, declared)[0]:
            if option.choices:
                patterns = "|".join(f"'{name} {one}'" for one in option.names)
                yield f"        {patterns}) words={_quoted(' '.join(option.choices))} ;;"
    yield "    esac"
    yield '    if [[ -z "$words" && $COMP_CWORD -eq 1 ]]; then'
    yield f"        words={_quoted(' '.join(command.names()))}"
    yield '    elif [[ -z "$words" ]]; then'
    yield '        case "${COMP_WORDS[1]}" in'
    for name, declared in command.declared():
        options, words = _options(name, declared)
        every = [one for option in options for one in option.names] + list(words)
        yield f"            {name}) words={_quoted(' '.join(every))} ;;"
    yield "        esac"
    yield "    fi"
    yield '    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")'
    yield "}"
    yield "complete -o default -F _rightshift rightshift"


def _zsh() -> Iterator[str]:
    yield "#compdef rightshift"
    yield '# rightshift completion zsh > "${fpath[1]}/_rightshift"'
    yield "_rightshift() {"
    yield "    if (( CURRENT == 2 )); then"
    yield "        local -a commands=("
    for name, declared in command.declared():
        yield f"            {_quoted(name + ':' + declared.title)}"
    yield "        )"
    yield "        _describe command commands"
    yield "        return"
    yield "    fi"
    yield '    local chosen="${words[2]}"'
    yield "    shift words"
    yield "    (( CURRENT-- ))"
    yield '    case "$chosen" in'
    for name, declared in command.declared():
        options, words = _options(name, declared)
        yield f"        {name})"
        yield "            _arguments -s \\"
        for option in options:
            text = option.help.replace("[", "(").replace("]", ")").replace(":", " ")
            value = f":value:({' '.join(option.choices)})" if option.choices else ":value:_files"
            for one in option.names:
                yield f"                {_quoted(f'*{one}[{text}]' + (value if option.takes_value else ''))} \\"
        yield f"                {_quoted('*:word:(' + ' '.join(words) + ')' if words else '*:file:_files')}"
        yield "            ;;"
    yield "    esac"
    yield "}"
    yield '_rightshift "$@"'


def _fish() -> Iterator[str]:
    yield "# rightshift completion fish > ~/.config/fish/completions/rightshift.fish"
    for name, declared in command.declared():
        yield f"complete -c rightshift -n __fish_use_subcommand -f -a {name} -d {_quoted(declared.title)}"
        options, words = _options(name, declared)
        where = _quoted(f"__fish_seen_subcommand_from {name}")
        if words:
            yield f"complete -c rightshift -n {where} -f -a {_quoted(' '.join(words))}"
        for option in options:
            flags = [f"-l {one[2:]}" if one.startswith("--") else f"-s {one[1:]}" for one in option.names]
            value = " -r" if option.takes_value else ""
            value += f" -f -a {_quoted(' '.join(option.choices))}" if option.choices else ""
            yield f"complete -c rightshift -n {where} {' '.join(flags)}{value} -d {_quoted(option.help)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "’") + "'"


COMMAND = Command(
    title="write the completion script of a shell",
    examples=(
        ("completion bash > /etc/bash_completion.d/rightshift", "for all users of bash"),
        ("completion fish > ~/.config/fish/completions/rightshift.fish", "for one user of fish"),
        ("completion zsh > ~/.zfunc/_rightshift", "for zsh, where ~/.zfunc is in fpath"),
    ),
    arguments=_arguments,
    run=_run,
)

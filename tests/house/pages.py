"""Reference pages that follow from what the code declares. `SNAPSHOT=write pytest tests/house` writes them anew."""

from rightshift.catalog.declared import catalogue
from rightshift.cli import command
from rightshift.report import format as report_format


def formats() -> str:
    """Every file format that is read, by ecosystem, and every report that is written."""
    lines = ["# Formats", "", "What is read; a file that fails costs itself alone and is listed as a gap.", ""]
    lines += ["| ecosystem | format | what and where |", "|---|---|---|"]
    for form in sorted(catalogue().formats, key=lambda form: (form.ecosystem, form.name)):
        title = form.title.replace("|", "\\|").replace("*", "\\*")
        lines.append(f"| {form.ecosystem or 'all'} | `{form.name}` | {title} |")
    lines += ["", "## Reports", "", "| name | what it is |", "|---|---|"]
    lines += [f"| `{name}` | {form.title} |" for name, form in report_format.declared()]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Every command with its options and examples."""
    lines = ["# Commands", "", "`rightshift help COMMAND` shows the same in a terminal.", ""]
    for name, declared in command.declared():
        lines += [f"## {name}", "", f"{declared.title[:1].upper()}{declared.title[1:]}.", ""]
        if declared.about:
            lines += ["```text", *declared.about.splitlines(), "```", ""]
        parser = command.parser(name, declared)
        lines += ["| option | meaning |", "|---|---|"]
        for action in parser.declared:
            words = ", ".join(f"`{word}`" for word in action.option_strings) or f"`{action.metavar or action.dest}`"
            lines.append(f"| {words} | {(action.help or '').replace('|', chr(92) + '|')} |")
        lines += ["", "```text"]
        for words, does in declared.examples:
            lines += [f"rightshift {words}", f"    {does}"]
        lines += ["```", ""]
    return "\n".join(lines)


PAGES = {"docs/reference/formats.md": formats, "docs/reference/commands.md": commands}

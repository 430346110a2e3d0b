"""`rightshift findings`: what a console knows against what runs, best to fix first. One scan's own: `scan.py`."""

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rightshift.cli.command import Command, Parser
from rightshift.cli.console import lists, opened
from rightshift.cli.streams import Streams

if TYPE_CHECKING:
    from rightshift.cli.console.types import FindingsQuery, Listed

ABOUT = """\
A row is a workload (or host, or image, where nothing runs), a package and an advisory; the best stands for all of them.
What is given must all hold; of an option that is given several times, any of its values.

With --fail the exit code is 3 when there is a finding, so that a pipeline can ask for what must not be there."""

SEVERITIES = ("critical", "high", "medium", "low", "none", "unknown")
BANDS = ("now", "soon", "plan", "routine")
WORDS = {"now": "Fix now", "soon": "Fix soon", "plan": "Plan", "routine": "Routine"}
STATES = ("open", "accepted", "not_affected", "fixed", "all")


def _arguments(parser: Parser) -> None:
    several = {"action": "append", "default": []}
    add = parser.add_argument
    add("--band", choices=BANDS, help="Fix now, Fix soon, Plan or Routine", **several)
    add("--severity", choices=SEVERITIES, help="of the advisory", **several)
    add("--kev", action="store_true", help="in CISA's catalogue of what is exploited")
    add("--fixable", action="store_true", help="a fix is known")
    add("--not-ignored", action="store_true", help="its distribution does not say that it won't fix it")
    add("--score", type=int, metavar="N", help="this or more, of 100")
    add("--epss", type=_share, metavar="P", help="exploited within 30 days with this probability or more: 0.1 or 10%%")
    add("--ecosystem", metavar="NAME", help="purl type: npm, deb", **several)
    add("--package", metavar="NAME", help="by its name or the last part of it", **several)
    add("--advisory", metavar="ID", help="any of its names", **several)
    add("--cluster", metavar="NAME", help="where it runs", **several)
    add("--namespace", metavar="NAME", help="where it runs", **several)
    add("--workload", metavar="NAME", help="what runs it", **several)
    add("--host", metavar="NAME", help="where it runs", **several)
    add("--image", metavar="NAME", help="in which it is", **several)
    add("--unit", metavar="ID", help="one workload, host or image")
    add("--team", metavar="ID", help="what belongs to this team")
    add("--running", choices=("true", "false", "unknown"), help="whether it runs", **several)
    add("--since", metavar="DAY", help="seen here since that day or time, as 2026-12-31")
    add("--state", choices=STATES, default="open", help="open by default")
    add("--text", default="", metavar="TEXT", help="stands in the package's or the advisory's name or summary")
    add("--fail", action="store_true", help="exit code 3 when there is one")
    lists.declare(parser)
    opened.declare(parser)


def _run(arguments: argparse.Namespace, streams: Streams) -> int:
    from rightshift.cli.console.types import Listed
    from rightshift.cli.run import DONE, GATE_FAILED

    lists.check(arguments)
    asked = _asked(arguments)
    with opened.opened(arguments, streams.environ) as console:
        count = lists.answer(console, "/findings", asked, Listed, _columns(), "No finding", arguments, streams)
        if count is None and arguments.fail:
            count = len(list(console.pages("/findings", lists.query(asked), 1)))
    return GATE_FAILED if arguments.fail and count else DONE


def _asked(arguments: argparse.Namespace) -> "FindingsQuery":
    from rightshift.cli import words
    from rightshift.cli.console.types import FindingsQuery

    return FindingsQuery(
        band=tuple(arguments.band) or None,
        severity=tuple(arguments.severity) or None,
        kev=arguments.kev or None,
        fixable=arguments.fixable or None,
        ignored=False if arguments.not_ignored else None,
        score_min=arguments.score,
        epss_min=arguments.epss,
        ecosystem=tuple(arguments.ecosystem) or None,
        package=tuple(arguments.package) or None,
        advisory=tuple(arguments.advisory) or None,
        cluster=tuple(arguments.cluster) or None,
        namespace=tuple(arguments.namespace) or None,
        workload=tuple(arguments.workload) or None,
        host=tuple(arguments.host) or None,
        image=tuple(arguments.image) or None,
        unit=arguments.unit,
        team=arguments.team,
        running=tuple(arguments.running) or None,
        since=words.since(arguments.since),
        state=arguments.state,
        text=arguments.text or None,
    )


def _share(text: str) -> float:
    """0 to 1, also in percent. Raises: ArgumentTypeError."""
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!a} is not between 0 and 1 or 0% and 100%")
    return number


def _columns() -> "Sequence[tuple[str, Callable[[Listed], str]]]":
    return (
        ("SCORE", lambda one: f"{one.score:>3} {WORDS.get(one.band, one.band)}"),
        ("ADVISORY", lambda one: one.advisory),
        ("SEVERITY", lambda one: one.severity),
        ("MARKS", lambda one: ", ".join(_marks(one))),
        ("PACKAGE", lambda one: one.package),
        ("VERSION", lambda one: one.version),
        ("FIXED", lambda one: " or ".join(one.fixed[:3])),
        ("WHERE", lambda one: one.unit_name),
        ("ASSETS", lambda one: f"{one.assets:,}" if one.assets > 1 else ""),
        ("STATE", lambda one: "" if one.state == "open" else one.state.replace("_", " ")),
    )


def _marks(one: "Listed") -> list[str]:
    marks = {"KEV": one.kev, "ransomware": one.ransomware, "malicious": one.malicious}
    marks |= {"won't fix": one.ignored, "uncertain": not one.certain}
    return [name for name, holds in marks.items() if holds]


COMMAND = Command(
    title="list what a console knows against what runs, best to fix first",
    about=ABOUT,
    examples=(
        ("findings", "the 50 to fix first"),
        ("findings --band now --band soon --namespace shop", "what is exploitable in one namespace"),
        ("findings --image shop/cart --kev --fixable --fail", "exit code 3 when there is one"),
        ("findings --advisory CVE-2021-44228 --limit 0 --json", "where one flaw is, for a program"),
        ("findings --severity critical --format xlsx -o critical.xlsx", "a spreadsheet"),
    ),
    arguments=_arguments,
    run=_run,
)

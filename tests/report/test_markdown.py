"""A summary that a CI page takes: bounded, and with nothing in it that links, mentions or loads."""

import io
import re
from dataclasses import replace

import pytest

from rightshift.model.known import Known
from rightshift.report import markdown
from rightshift.report.result import EndOfLife, Result
from tests.report.sample import HOSTILE, MATCHES, ORDINARY


def written(result: Result) -> str:
    out = io.BytesIO()
    markdown.write(result, out)
    return out.getvalue().decode()


def test_it_never_outgrows_its_page_and_counts_what_is_left_out() -> None:
    many = tuple(replace(MATCHES[2], id=f"CVE-2026-{at}", summary="漢" * 500) for at in range(5_000))
    text = written(replace(ORDINARY, matches=many))
    assert len(text.encode()) <= markdown.LIMIT_BYTES
    shown = text.count("\n| ") - 2
    assert f"{5_000 - shown:,} more are not shown here." in text


def test_the_verdict_is_first() -> None:
    lines = written(ORDINARY).splitlines()
    assert lines[2] == "- **failed**: `kev` (2 matches)"
    assert lines[3] == "- **passed**: `severity>=high & fixable` (0 matches)"


def test_an_end_of_life_that_is_over_stands_out() -> None:
    assert "\n- `Debian GNU/Linux 12 gets security fixes until 2028-06-30`\n" in written(ORDINARY)
    over = EndOfLife(system="Debian 10", last_day="2024-06-30", over=Known.YES)
    assert "\n- **End of life**: `Debian 10 reached its end of life" in written(replace(ORDINARY, end_of_life=over))


def test_hostile_text_is_code_and_nothing_else() -> None:
    render = pytest.importorskip("markdown_it").MarkdownIt("gfm-like", {"linkify": False}).render
    page = render(written(HOSTILE))
    assert not re.search(r"<(a|img|script)\b", page)
    outside = re.sub(r"<code>.*?</code>", "", page)
    assert "evil" not in outside
    assert "@" not in outside

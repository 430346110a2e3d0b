"""When a schedule is due: laws over all zones' changes of the clock, and what is no schedule."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.console.cron import MalformedSchedule, following

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ZONE = st.sampled_from(ZONES)
MOMENT = st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda much: FIRST + much)


def test_what_is_set_for_an_hour_that_is_left_out_comes_right_after_it() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert following("30 2 * * *", "Europe/Berlin", before, 2) == [
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),  # 03:00 summer time: there is no 02:30
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]


def test_what_is_set_for_an_hour_that_comes_twice_comes_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert following("30 2 * * *", "Europe/Berlin", before, 2) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize("cron", ["30 2 * * *", "15,45 1,2 * * *", "0 2 25 10 *"])
def test_within_the_second_of_two_equal_hours_nothing_is_due_that_is_over(cron: str) -> None:
    for minute in range(0, 180, 5):
        moment = datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(minutes=minute)
        times = following(cron, "Europe/Berlin", moment, 3)
        assert [moment, *times] == sorted({moment, *times})


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), zone=ZONE, moment=MOMENT)
def test_a_daily_time_comes_on_each_day_of_its_zone_once(hour: int, minute: int, zone: str, moment: datetime) -> None:
    times = following(f"{minute} {hour} * * *", zone, moment, 10)
    days = [time.astimezone(ZoneInfo(zone)).date() for time in times]
    assert days == [days[0] + timedelta(days=number) for number in range(10)]


@given(zone=ZONE, moment=MOMENT, cron=st.sampled_from(("*/15 * * * *", "0 * * * *", "0 3 * * 1", "5 0 1 * *")))
def test_times_come_in_order_after_the_moment_whatever_the_clock_does(zone: str, moment: datetime, cron: str) -> None:
    times = following(cron, zone, moment, 8)
    assert times == sorted(set(times))
    assert times[0] > moment


@given(zone=ZONE, moment=MOMENT)
def test_what_comes_each_quarter_of_an_hour_does_so_through_a_change_of_the_clock(zone: str, moment: datetime) -> None:
    times = following("*/15 * * * *", zone, moment, 200)
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(minutes=15)}


@given(zone=ZONE, moment=MOMENT, cron=st.sampled_from(("30 2 * * *", "*/20 * * * *", "0 0 * * 0")))
def test_the_next_after_the_next_is_the_second(zone: str, moment: datetime, cron: str) -> None:
    first, second = following(cron, zone, moment, 2)
    assert following(cron, zone, first) == [second]


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "* * * *",
        "* * * * * *",
        "0 0 30 2 *",
        "60 * * * *",
        "a b c d e",
        "* " * 200,
        "*/0 * * * *",
        "@daily",
        "1-0 * * * *",
    ],
)
def test_what_is_no_schedule_is_refused(cron: str) -> None:
    with pytest.raises(MalformedSchedule):
        following(cron, "UTC", FIRST)


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "../etc/passwd", "/etc/passwd", "Europe", "a" * 100, "Europe/\0", "."]
)
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(MalformedSchedule):
        following("0 0 * * *", zone, FIRST)


@given(cron=st.text(max_size=300), zone=st.text(max_size=100))
def test_no_text_raises_anything_else(cron: str, zone: str) -> None:
    for one, other in ((cron, "UTC"), ("0 0 * * *", zone), (" ".join(cron[:5]), "UTC")):
        with suppress(MalformedSchedule):
            assert following(one, other, FIRST)


@given(cron=st.lists(st.from_regex(r"[0-9*/,LW#A-Z-]{1,6}", fullmatch=True), min_size=5, max_size=5).map(" ".join))
def test_no_fields_raise_anything_else(cron: str) -> None:
    with suppress(MalformedSchedule):
        assert following(cron, "Europe/Berlin", FIRST)

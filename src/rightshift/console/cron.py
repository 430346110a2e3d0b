"""When a schedule is due: five fields of cron in a time zone, with summer time. Who starts it: `jobs/due`."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from itertools import islice

from rightshift.errors import Malformed

CRON_CHARS = 200
ZONE_CHARS = 64
_ZONE = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,3}")


class MalformedSchedule(Malformed):
    """No five fields that ever come true, or no time zone."""


def times(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    """
    The times after one, in UTC, first to last; `after` carries its time zone.

    What is set for an hour that the clock leaves out comes as soon as that is over; what is set for one that it has
    twice comes once, unless it comes each hour anyway.

    Source: crontab(5); cron(8) of Debian for the change of the clock.
    Raises: MalformedSchedule.
    """
    from cronsim import CronSim, CronSimError

    if len(cron) > CRON_CHARS or len(cron.split()) != 5:
        raise MalformedSchedule("Write five fields: minute, hour, day of month, month, day of week")
    try:
        found = CronSim(" ".join(cron.split()).upper(), after.astimezone(_zone(zone)))
    except CronSimError as error:
        raise MalformedSchedule(str(error)) from error
    # within the second of two equal hours it would begin with the first one, and so with times that are over
    return (utc for time in found if (utc := time.astimezone(UTC)) > after)


def following(cron: str, zone: str, after: datetime, count: int = 1) -> list[datetime]:
    """The next times after one, in UTC; `after` carries its time zone. Raises: MalformedSchedule also for none."""
    try:
        found = list(islice(times(cron, zone, after), count))
    except OverflowError as error:
        raise MalformedSchedule("That is too far ahead") from error
    if not found:
        raise MalformedSchedule("There is no such day")
    return found


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    # the name becomes a path: nothing but letters gets that far
    if len(name) <= ZONE_CHARS and _ZONE.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise MalformedSchedule("There is no such time zone: write it as Europe/Berlin, or UTC")

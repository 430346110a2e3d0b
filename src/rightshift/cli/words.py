"""Words that several commands read: lists of ecosystems, days, instants."""

from datetime import UTC, datetime

from rightshift.errors import UsageError
from rightshift.model.ecosystem import OSV, SPOKEN, purl_type

DISTRIBUTIONS = frozenset({"deb", "apk", "rpm", "alpm", "ebuild", "opkg"})


def ecosystems(text: str) -> frozenset[str]:
    """
    The purl types that a list names, in our, OSV's or people's words; none for an empty list.

    Raises: UsageError for a word that is nobody's.
    """
    from rightshift.catalog.declared import catalogue

    known = {form.ecosystem for form in catalogue().formats} | set(OSV) | set(SPOKEN.values()) | DISTRIBUTIONS
    words = [word.strip() for word in text.split(",") if word.strip()]
    found = {word: purl_type(word) for word in words}
    for word, kind in found.items():
        if kind not in known:
            raise UsageError(f"There is no ecosystem {word!a}", do="Known are " + ", ".join(sorted(known)))
    return frozenset(found.values())


def instant(now: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def since(text: str | None) -> str | None:
    """A day, or an instant, as RFC 3339 in UTC; None for none. Raises: UsageError."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
        return instant(when if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--since {text!a} is no day", do="Write it as 2026-12-31 or 2026-12-31T08:00:00Z") from error

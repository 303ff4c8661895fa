"""When keys end, as whoever issued them wrote it down."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_of(text: str) -> datetime:
    """An RFC 3339 time with its zone, or Unix seconds, in UTC. Raises: ValueError, which never holds the text."""
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("expected an RFC 3339 time with its zone, or Unix seconds") from None
    return moment.astimezone(UTC)

"""The cloud's clock, from the Date headers of its answers.

Premise: a Date has whole seconds, so one answer bounds the offset only to about a second, and a slow answer to more.
Rule: the true offset lies in every answer's interval; keep the intersection, and begin anew when it is empty, because
then one of the clocks was moved.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_SECOND = timedelta(seconds=1)


class ServerClock:
    """`now()` on the server's clock; our own until the first answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lowest: timedelta | None = None
        self._highest = timedelta()
        self._last: tuple[str | None, datetime | None] = (None, None)

    @property
    def is_learned(self) -> bool:
        """True after the first answer with a Date."""
        return self._lowest is not None

    def now(self) -> datetime:
        """The server's time, as well as we know it."""
        own = self._now()
        return own if self._lowest is None else own + (self._lowest + self._highest) / 2

    def sent(self) -> datetime:
        """Our own time, to be handed to `learn` with the answer."""
        return self._now()

    def learn(self, date: str | None, sent_at: datetime) -> None:
        """Takes the Date of an answer to a request that left at `sent_at`; nonsense is passed over."""
        at = self._parsed(date)
        if at is None:
            return
        lowest, highest = at - self._now(), at + _SECOND - sent_at
        if self._lowest is not None and lowest <= self._highest and self._lowest <= highest:
            lowest, highest = max(lowest, self._lowest), min(highest, self._highest)
        self._lowest, self._highest = lowest, highest

    def _parsed(self, text: str | None) -> datetime | None:
        if text != self._last[0]:  # at thousands of answers a second, most dates are the one before
            self._last = (text, _date(text))
        return self._last[1]


def _date(text: str | None) -> datetime | None:
    try:
        at = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)

"""The limits of one full refresh, as the Fleet document or the command line states them."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.manifest.select import Selector
from reconcile.model.late import dataclass


@dataclass(frozen=True, slots=True)
class RefreshRule:
    """Limits of one full refresh. `budget`: calls, None for no limit. `max_age`: per selector, in seconds; the first
    that matches a device counts, and a device looked at more lately than that is not due. Without one each is due.
    """

    budget: int | None = None
    max_age: tuple[tuple[Selector, int], ...] = ()

    @property
    def is_limited(self) -> bool:
        """True when a run may leave devices out."""
        return self.budget is not None or bool(self.max_age)

    def max_age_s(self, labels: Mapping[str, str]) -> int:
        """How old the last look at a device may become."""
        return next((seconds for selector, seconds in self.max_age if selector.matches(labels)), 0)

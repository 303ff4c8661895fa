"""How much of a fleet one run looks at, and what came of it."""

from __future__ import annotations

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a full refresh looked at. Devices with work of their own are looked at whatever the budget says.

    devices: all that could be looked at. looked: of those, in this run; `unreadable` of them could not be read, and of
    `silent` no value was to be had. fresh: looked at so lately that it was not due. left: due, and the budget was
    spent. never: no look at them is recorded, this run included. oldest_s: age of the oldest look (seconds), None when
    nothing was looked at before. calls: what the looks cost; budget: what they might, None without a limit.
    """

    devices: int
    looked: int
    unreadable: int = 0
    silent: int = 0
    fresh: int = 0
    left: int = 0
    never: int = 0
    oldest_s: int | None = None
    calls: int = 0
    budget: int | None = None

    def to_json(self) -> JsonObject:
        """The member `coverage` of a plan and of a drift report."""
        counts: dict[str, Json] = {
            "devices": self.devices,
            "looked": self.looked,
            "unreadable": self.unreadable,
            "silent": self.silent,
            "fresh": self.fresh,
            "left": self.left,
            "never": self.never,
            "oldest_s": self.oldest_s,
            "calls": self.calls,
            "budget": self.budget,
        }
        return counts

    @classmethod
    def from_json(cls, body: JsonObject) -> Coverage:
        """The reverse. Raises: KeyError or ValueError."""
        names = ("devices", "looked", "unreadable", "silent", "fresh", "left", "never")
        counts = {name: int(str(body[name])) for name in names}
        oldest, budget = body["oldest_s"], body["budget"]
        return cls(
            **counts,
            oldest_s=None if oldest is None else int(str(oldest)),
            calls=int(str(body["calls"])),
            budget=None if budget is None else int(str(budget)),
        )

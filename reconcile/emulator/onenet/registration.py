"""Whether a device is registered, online, and in reach: three different things.

`online` follows the registration lifetime alone; reachability follows the last uplink and the sleep pattern (NB-IoT
book, FAQ protocol#5, #7, #12).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconcile.emulator.sleep import Sleep

_SHOWN_LATE_MS = {"60s": 60_000, "0s": 0}


@dataclass(slots=True)
class Registration:
    """A device's session. `registered_ms` is None until it first registers.

    `spoken_ms` is its last unscheduled uplink, `refreshed_ms` the last of those that prolonged the lifetime. A device
    `is_gone` from its deregistration to its next registration: it neither speaks nor hears.
    """

    sleep: Sleep
    lifetime_ms: int
    registered_ms: int | None
    spoken_ms: int | None = None
    refreshed_ms: int | None = None
    is_gone: bool = False

    @property
    def is_registered(self) -> bool:
        """Whether the platform has a registration, running or run out."""
        return self.registered_ms is not None and not self.is_gone

    def last_uplink(self, at_ms: int) -> int | None:
        """When the device last spoke; None when it never did."""
        return self._last(at_ms, self.spoken_ms)

    def is_online(self, at_ms: int) -> bool:
        """Registered, and the lifetime since the last registration or update has not run out."""
        last = self._last(at_ms, self.refreshed_ms)
        return self.is_registered and last is not None and at_ms - last < self.lifetime_ms

    def is_shown_online(self, at_ms: int, switches: Mapping[str, str]) -> bool:
        """What the platform says, which notices late (switch `offline_shown_after`)."""
        return self.is_online(at_ms) or self.is_online(at_ms - _SHOWN_LATE_MS[switches["offline_shown_after"]])

    def heard_after(self, at_ms: int, patience_s: int) -> int | None:
        """Milliseconds until the device hears a command sent now; None when it does not within the timeout."""
        last = self.last_uplink(at_ms)
        return None if last is None or self.is_gone else self.sleep.heard_after(at_ms, last, patience_s * 1000)

    def speaks(self, kind: str, at_ms: int, switches: Mapping[str, str]) -> None:
        """An unscheduled uplink. Only register and update prolong the lifetime (switch `notify_extends_lifetime`)."""
        self.spoken_ms = at_ms
        self.is_gone = kind == "deregister" or (self.is_gone and kind != "register")
        if kind in ("register", "update") or switches["notify_extends_lifetime"] == "yes":
            self.refreshed_ms = at_ms
        if self.registered_ms is None and kind == "register":
            self.registered_ms = at_ms

    def lapsed_ms(self, at_ms: int, switches: Mapping[str, str]) -> int:
        """Since when the platform shows a device offline that is offline: since its deregistration or its lifetime."""
        last = self._last(at_ms, self.refreshed_ms) or 0
        return at_ms if self.is_gone else last + self.lifetime_ms + _SHOWN_LATE_MS[switches["offline_shown_after"]]

    def _last(self, at_ms: int, by_hand_ms: int | None) -> int | None:
        if not self.is_registered:
            return by_hand_ms
        scheduled = self.sleep.last_uplink(at_ms)
        return scheduled if by_hand_ms is None else max(scheduled, by_hand_ms)

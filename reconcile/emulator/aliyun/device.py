"""One Aliyun device: desired values on the platform, values on the device, what it reported.

Source: Aliyun, desired device property values (document 109807): an online device is pushed the value, an offline one
fetches it when it comes back; it applies, reports, and may delete the desired value with the version it applied.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconcile.emulator.aliyun.tsl import Model
from reconcile.emulator.messages import Json
from reconcile.emulator.scene import Scene
from reconcile.emulator.sleep import Sleep


@dataclass(slots=True)
class Desired:
    """A desired value; `is_set` is false after a clear, the version stays readable."""

    value: Json
    version: int
    time_ms: int
    is_set: bool = True


@dataclass(frozen=True, slots=True)
class Habits:
    """How a device treats what it is told."""

    deletes_desired: bool = False
    refuses: frozenset[str] = frozenset()
    report_delay_ms: int = 0


@dataclass(slots=True)
class Device:
    """A device of a product.

    `is_active` is false until it first connects; `is_connected` until it may connect at all.
    """

    scene: Scene
    product_key: str
    device_name: str
    iot_id: str
    sleep: Sleep
    model: Model | None
    habits: Habits
    instance_id: str = ""
    is_active: bool = True
    is_connected: bool = True
    is_disabled: bool = False
    values: dict[str, Json] = field(default_factory=dict)
    reported: dict[str, tuple[Json, int]] = field(default_factory=dict)
    desired: dict[str, Desired] = field(default_factory=dict)
    spoken_ms: int | None = None
    settled_ms: int = 0
    must_fetch: bool = False
    reports_due: list[tuple[int, str, Json]] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """`productKey/deviceName`."""
        return f"{self.product_key}/{self.device_name}"

    def last_uplink(self, at_ms: int) -> int | None:
        """When the device last spoke; None when it never did."""
        if not self.is_connected:
            return self.spoken_ms
        scheduled = self.sleep.last_uplink(at_ms)
        return scheduled if self.spoken_ms is None else max(scheduled, self.spoken_ms)

    def is_online(self, at_ms: int) -> bool:
        """Connected and awake."""
        last = self.last_uplink(at_ms)
        return (
            self.is_connected and not self.is_disabled and last is not None and self.sleep.is_reachable(at_ms, last, 0)
        )

    def status(self, at_ms: int) -> str:
        """ONLINE, OFFLINE, UNACTIVE or DISABLE."""
        if self.is_disabled:
            return "DISABLE"
        if not self.is_active:
            return "UNACTIVE"
        return "ONLINE" if self.is_online(at_ms) else "OFFLINE"

    def settle(self, now_ms: int) -> None:
        """Walk up to now: fetch at the next wake, make the reports that are due, in order of time."""
        while True:
            wake_ms = self.sleep.next_uplink(self.settled_ms) if self.must_fetch and self._may_connect() else None
            report_ms = self.reports_due[0][0] if self.reports_due else None
            due_ms = min((moment for moment in (wake_ms, report_ms) if moment is not None), default=None)
            if due_ms is None or due_ms > now_ms:
                break
            self.settled_ms = max(self.settled_ms, due_ms)
            if due_ms == report_ms:
                _, key, value = self.reports_due.pop(0)
                self.reported[key] = (value, due_ms)
            else:
                self._fetch(due_ms, list(self.desired))
        self.settled_ms = max(self.settled_ms, now_ms)

    def uplink(self, now_ms: int) -> None:
        """The device connects now, fetches what is desired and reports everything it holds."""
        self.settle(now_ms)
        self.spoken_ms = now_ms
        self.is_connected = self.is_active = True
        self._fetch(now_ms, list(self.desired))
        for key, value in self.values.items():
            self._report(key, value, now_ms)
        self.settle(now_ms)

    def set_desired(self, key: str, value: Json, at_ms: int, *, same_raises: bool) -> None:
        """Set one desired value: version 1 first, one more with every set."""
        before = self.desired.get(key)
        if before is None:
            self.desired[key] = Desired(value, 1, at_ms)
        elif same_raises or not before.is_set or before.value != value:
            self.desired[key] = Desired(value, before.version + 1, at_ms)

    def clear_desired(self, key: str, at_ms: int, version_rule: str) -> None:
        """Clear one desired value; what becomes of the version is a switch."""
        before = self.version(key)
        after = {"zero": 0, "keeps": before, "counts": before + 1}[version_rule]
        self.desired[key] = Desired(None, after, at_ms, is_set=False)

    def version(self, key: str) -> int:
        """The current desired version, 0 for a property never set."""
        found = self.desired.get(key)
        return found.version if found else 0

    def notice(self, keys: list[str], now_ms: int) -> None:
        """The platform pushes to a device that is online; another will fetch when it wakes."""
        if self.is_online(now_ms):
            self._fetch(now_ms, keys)
            self.settle(now_ms)
        else:
            self.must_fetch = True

    def _may_connect(self) -> bool:
        return self.is_connected and not self.is_disabled

    def _fetch(self, at_ms: int, keys: list[str]) -> None:
        self.must_fetch = False
        for key in keys:
            wish = self.desired.get(key)
            if wish is None or not wish.is_set or key in self.habits.refuses:
                continue
            self.values[key] = wish.value
            self._report(key, wish.value, at_ms)
            if self.habits.deletes_desired:
                self.clear_desired(key, at_ms, self.scene.switches["version_after_clear"])

    def _report(self, key: str, value: Json, at_ms: int) -> None:
        self.reports_due.append((at_ms + self.habits.report_delay_ms, key, value))
        self.reports_due.sort(key=lambda report: report[0])

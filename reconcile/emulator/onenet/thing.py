"""One device of a OneJSON product: desired values on the platform, values on the device, what it reported.

Source: OneNET Studio, OneJSON, desired: an online device is sent the value, an offline one fetches it when it comes
back; it decides whether to report. The version is 1 first, one more with every set, and 1 again after a clear.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from reconcile.emulator.messages import Json
from reconcile.emulator.onenet.registration import Registration
from reconcile.emulator.onenet.thing_model import ThingModel
from reconcile.emulator.scene import Scene


@dataclass(frozen=True, slots=True)
class Wish:
    """A desired value."""

    value: Json
    version: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Habits:
    """How a device treats what it is told."""

    refuses: frozenset[str] = frozenset()
    fetches: bool = True
    report_delay_ms: int = 0


@dataclass(slots=True)
class Thing:
    """A device known by product and name; `reported` holds values and instants."""

    scene: Scene
    product_id: str
    name: str
    session: Registration
    model: ThingModel | None
    habits: Habits
    settled_ms: int
    created_ms: int
    imei: str = ""
    title: str = ""
    values: dict[str, Json] = field(default_factory=dict)
    reported: dict[str, tuple[Json, int]] = field(default_factory=dict)
    desired: dict[str, Wish] = field(default_factory=dict)
    must_fetch: bool = False
    groups: frozenset[str] = frozenset()
    reports_due: list[tuple[int, str, Json]] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """`productId/deviceName`."""
        return f"{self.product_id}/{self.name}"

    def settle(self, now_ms: int) -> None:
        """Walk up to now: fetch at the next wake, make the reports that are due, in order of time."""
        while True:
            may_fetch = self.must_fetch and self.habits.fetches and self.session.is_registered
            wake_ms = self.session.sleep.next_uplink(self.settled_ms) if may_fetch else None
            report_ms = self.reports_due[0][0] if self.reports_due else None
            due_ms = min((moment for moment in (wake_ms, report_ms) if moment is not None), default=None)
            if due_ms is None or due_ms > now_ms:
                break
            self.settled_ms = max(self.settled_ms, due_ms)
            if due_ms == report_ms:
                _, key, value = self.reports_due.pop(0)
                self.reported[key] = (value, due_ms)
            else:
                self._fetch(due_ms)
        self.settled_ms = max(self.settled_ms, now_ms)

    def uplink(self, kind: str, now_ms: int) -> None:
        """The device speaks now: it fetches what is desired, and reports all it holds; or it takes its leave."""
        self.settle(now_ms)
        self.session.speaks(kind, now_ms, self.scene.switches)
        if kind == "deregister":
            return
        self.session.is_gone = False
        if self.session.registered_ms is None:
            self.session.registered_ms = now_ms
        if self.must_fetch and self.habits.fetches:
            self._fetch(now_ms)
        for key, value in self.values.items():
            self._report(key, value, now_ms)
        self.settle(now_ms)

    def hears(self, now_ms: int, patience_s: int) -> bool:
        """Whether a message sent now is answered in time."""
        return self.session.heard_after(now_ms, patience_s) is not None

    def set_desired(self, wishes: dict[str, Json], now_ms: int, *, is_in_reach: bool = True) -> None:
        """Set desired values; the platform sends them on at once, and the device hears it if it is in reach."""
        for key, value in wishes.items():
            before = self.desired.get(key)
            self.desired[key] = Wish(value, 1 if before is None else before.version + 1, now_ms)
        if is_in_reach and self.session.is_online(now_ms) and self.hears(now_ms, 0):
            self.take(wishes, now_ms)
        else:
            self.must_fetch = True

    def take(self, wishes: dict[str, Json], now_ms: int) -> None:
        """The device carries out a property set, and reports what it did."""
        for key, value in wishes.items():
            if key not in self.habits.refuses:
                self.values[key] = value
                self._report(key, value, now_ms)
        self.settle(now_ms)

    def put(self, changes: dict[str, Json], now_ms: int) -> None:
        """Somebody at the device changes values; reported now, or at the next uplink of a sleeper."""
        self.values.update(changes)
        at_ms = now_ms if self.hears(now_ms, 0) else self.session.sleep.next_uplink(now_ms)
        for key, value in changes.items():
            self._report(key, value, at_ms)
        self.settle(now_ms)

    def _fetch(self, at_ms: int) -> None:
        self.must_fetch = False
        for key, wish in self.desired.items():
            if key not in self.habits.refuses:
                self.values[key] = wish.value
                self._report(key, wish.value, at_ms)

    def _report(self, key: str, value: Json, at_ms: int) -> None:
        self.reports_due.append((at_ms + self.habits.report_delay_ms, key, value))
        self.reports_due.sort(key=lambda report: report[0])

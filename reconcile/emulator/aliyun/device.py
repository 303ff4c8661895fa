"""One Aliyun device: desired values on the platform, values on the device, what it reported.

Source: Aliyun, desired device property values (document 109807): an online device is pushed the value, an offline one
fetches it when it comes back; it applies, reports, and may delete the desired value with the version it applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconcile.emulator.aliyun.model import Model
from reconcile.emulator.clock import iso
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


DELETIONS = ("", "versioned", "unconditional")
"""Whether a device deletes a desired value once it has reported it, and whether it names the version it means."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a device treats what it is told.

    `applies_at_most` items of one message are applied, the others are left; `decimals` are kept in what it reports;
    `results` are the answers of its services by key.
    """

    deletes_desired: str = ""
    refuses: frozenset[str] = frozenset()
    report_delay_ms: int = 0
    applies_at_most: int | None = None
    decimals: int | None = None
    results: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A value on its way to the platform; `version` is the desired version that was applied, if it was one."""

    due_ms: int
    key: str
    value: Json
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Lapse:
    """The end of a desired value that was set for a time; a newer one lives on."""

    due_ms: int
    key: str
    version: int


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
    tags: dict[str, str] = field(default_factory=dict)
    nickname: str = ""
    firmware: str = ""
    executions: list[dict[str, Json]] = field(default_factory=list)
    spoken_ms: int | None = None
    settled_ms: int = 0
    must_fetch: bool = False
    reports_due: list[Report] = field(default_factory=list)
    lapses_due: list[Lapse] = field(default_factory=list)

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
        """Walk up to now: values lapse, reports come in, the device fetches when it wakes, in order of time."""
        while True:
            wake_ms = self.sleep.next_uplink(self.settled_ms) if self.must_fetch and self._may_connect() else None
            report_ms = self.reports_due[0].due_ms if self.reports_due else None
            lapse_ms = self.lapses_due[0].due_ms if self.lapses_due else None
            due_ms = min((moment for moment in (wake_ms, report_ms, lapse_ms) if moment is not None), default=None)
            if due_ms is None or due_ms > now_ms:
                break
            self.settled_ms = max(self.settled_ms, due_ms)
            if due_ms == lapse_ms:
                self._lapse(self.lapses_due.pop(0))
            elif due_ms == report_ms:
                self._arrive(self.reports_due.pop(0))
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

    def lapse_at(self, key: str, due_ms: int) -> None:
        """Let the desired value that is there now end at that time, unless it was set again."""
        self.lapses_due.append(Lapse(due_ms, key, self.version(key)))
        self.lapses_due.sort(key=lambda lapse: lapse.due_ms)

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

    def tell(self, items: Mapping[str, Json], at_ms: int) -> None:
        """The platform passes values on directly; a device that is not online never hears of them."""
        if self.is_online(at_ms):
            for key, value in self._applied(list(items.items())):
                self.values[key] = value
                self._report(key, value, at_ms)
            self.settle(at_ms)

    def execute(self, service: str, arguments: Json, at_ms: int) -> bool:
        """Carry out a service, unless the device refuses or is not there. Tells whether it ran."""
        if not self.is_online(at_ms) or service in self.habits.refuses:
            return False
        self.executions.append({"path": service, "args": arguments, "time": iso(at_ms), "uuid": ""})
        return True

    def _may_connect(self) -> bool:
        return self.is_connected and not self.is_disabled

    def _fetch(self, at_ms: int, keys: list[str]) -> None:
        self.must_fetch = False
        wishes = [(key, wish) for key in keys if (wish := self.desired.get(key)) is not None and wish.is_set]
        for key, value in self._applied([(key, wish.value) for key, wish in wishes]):
            self.values[key] = value
            self._report(key, value, at_ms, self.version(key))

    def _applied(self, items: list[tuple[str, Json]]) -> list[tuple[str, Json]]:
        return [item for item in items if item[0] not in self.habits.refuses][: self.habits.applies_at_most]

    def _report(self, key: str, value: Json, at_ms: int, version: int | None = None) -> None:
        told = round(float(value), self.habits.decimals) if self._is_rounded(value) else value
        self.reports_due.append(Report(at_ms + self.habits.report_delay_ms, key, told, version))
        self.reports_due.sort(key=lambda report: report.due_ms)

    def _is_rounded(self, value: Json) -> bool:
        return self.habits.decimals is not None and isinstance(value, float)

    def _arrive(self, report: Report) -> None:
        self.reported[report.key] = (report.value, report.due_ms)
        if self.habits.deletes_desired and report.version is not None:
            self._delete(report.key, report.version, report.due_ms)

    def _lapse(self, lapse: Lapse) -> None:
        wish = self.desired.get(lapse.key)
        if wish is not None and wish.is_set and wish.version == lapse.version:
            self.clear_desired(lapse.key, lapse.due_ms, self.scene.switches["version_after_clear"])

    def _delete(self, key: str, version: int, at_ms: int) -> None:
        """Alink `desired/delete`: with a version that is no longer the current one it is ignored, silently."""
        wish = self.desired.get(key)
        if wish is None or not wish.is_set:
            return
        if self.habits.deletes_desired == "unconditional" or wish.version == version:
            self.clear_desired(key, at_ms, self.scene.switches["version_after_clear"])

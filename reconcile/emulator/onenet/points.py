"""Data points: what the platform has stored of a device's values, which is what the device reported and when.

A value reaches the platform when the device notifies: at once while it can be reached, else at its next uplink.
Source: OneNET NB-IoT book, list/20, list/21 (data points), list/7 and list/8 (observations).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconcile.emulator.messages import Json

KEPT_PER_STREAM = 6000


@dataclass(slots=True)
class Points:
    """All data points of a device: per resource path, instants and values in order of arrival."""

    _streams: dict[str, list[tuple[int, Json]]] = field(default_factory=dict)

    def add(self, path: str, arrives_ms: int, value: Json) -> None:
        """A value arrives at the platform, now or later."""
        stream = self._streams.setdefault(path, [])
        stream.append((arrives_ms, value))
        del stream[:-KEPT_PER_STREAM]

    def arrive(self, now_ms: int) -> None:
        """The device speaks: what it had to tell arrives now."""
        for stream in self._streams.values():
            for position, (arrives_ms, value) in enumerate(stream):
                if arrives_ms > now_ms:
                    stream[position] = (now_ms, value)

    def latest(self, path: str, now_ms: int) -> tuple[int, Json] | None:
        """The newest point of a resource; None when nothing of it has arrived."""
        return next((point for point in reversed(self._streams.get(path, ())) if point[0] <= now_ms), None)

    def between(self, path: str, start_ms: int, end_ms: int, now_ms: int) -> list[tuple[int, Json]]:
        """The points of a resource in [start, end] that have arrived."""
        return [point for point in self._streams.get(path, ()) if start_ms <= point[0] <= min(end_ms, now_ms)]

    def paths(self, now_ms: int) -> Iterator[str]:
        """The resources of which something has arrived."""
        return (path for path in self._streams if self.latest(path, now_ms) is not None)


@dataclass(slots=True)
class Observations:
    """What the platform has subscribed to. With `is_automatic`, everything there is after a registration."""

    is_automatic: bool = True
    rules: dict[str, Mapping[str, float]] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)

    def start(self, path: str, rule: Mapping[str, float]) -> None:
        """Observe a path; `rule` may hold gt, lt and st."""
        self.rules[path] = rule
        self.cancelled.discard(path)

    def cancel(self, path: str) -> None:
        """Observe a path no longer."""
        self.rules.pop(path, None)
        self.cancelled.add(path)

    def renew(self) -> None:
        """A registration drops all observations; automatic ones begin anew (NB-IoT book, FAQ register#4)."""
        self.rules.clear()
        self.cancelled.clear()

    def is_told(self, path: str, before: Json, after: Json) -> bool:
        """Whether the device reports that a value of this path has changed."""
        if _above(path, self.cancelled):
            return False
        rule = next((rule for observed, rule in self.rules.items() if _above(path, (observed,))), None)
        if rule is None:
            return self.is_automatic
        return not rule or _crosses(rule, before, after)


def _above(path: str, observed: set[str] | tuple[str, ...]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in observed)


def _crosses(rule: Mapping[str, float], before: Json, after: Json) -> bool:
    if isinstance(after, bool) or not isinstance(after, (int, float)):
        return True
    if "gt" in rule and after > rule["gt"]:
        return True
    if "lt" in rule and after < rule["lt"]:
        return True
    return isinstance(before, (int, float)) and abs(after - before) >= rule.get("st", float("inf"))

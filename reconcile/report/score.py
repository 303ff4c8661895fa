"""The last forecast beside what happened, from recorded state.

Rule: scored are the devices of which something was recorded since the plan was begun, written, run or found in place;
one has confirmed when all of that has, and took until the last of it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from datetime import datetime

from reconcile.model.forecast import Foretold
from reconcile.model.late import dataclass
from reconcile.model.plan_json import timestamp
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import JsonObject
from reconcile.report.foreseen import after
from reconcile.report.messages import Texts
from reconcile.report.view import View, age, finish


@dataclass(slots=True)
class Score:
    """What became of the devices so far; `waits_s` are the seconds until each that confirmed did."""

    foretold: Foretold
    devices: int = 0
    lost: int = 0
    waits_s: list[int] = field(default_factory=list)

    def watch(self, devices: Iterable[RecordedDevice]) -> Iterator[RecordedDevice]:
        """The devices one by one, each counted in passing."""
        for device in devices:
            self._count(device)
            yield device

    def within(self, seconds: int | None) -> int | None:
        """How many confirmed within that time of the plan."""
        return None if seconds is None else sum(wait_s <= seconds for wait_s in self.waits_s)

    def to_json(self, now: datetime) -> JsonObject:
        """The member `forecast` of a status."""
        forecast = self.foretold.forecast
        return {
            "at": timestamp(self.foretold.at),
            "age_s": int((now - self.foretold.at).total_seconds()),
            "foreseen": forecast.to_json(),
            "devices": self.devices,
            "confirmed": len(self.waits_s),
            "confirmed_within_half_s": self.within(forecast.half_s),
            "confirmed_within_most_s": self.within(forecast.most_s),
            "lost": self.lost,
        }

    def _count(self, device: RecordedDevice) -> None:
        given = [*_given(device, self.foretold.at)]
        if not given:
            return
        self.devices += 1
        if any(delivery.is_lost for delivery, _ in given):
            self.lost += 1
        elif all(delivery is DeliveryState.CONFIRMED for delivery, _ in given):
            last = max(at for _, at in given)
            self.waits_s.append(max(0, int((last - self.foretold.at).total_seconds())))


def _given(device: RecordedDevice, since: datetime) -> Iterator[tuple[DeliveryState, datetime]]:
    """What was written and run since then: how far it is, and when it was confirmed if it was."""
    for resource in device.resources.values():
        if resource.accepted_at >= since:
            yield resource.delivery, resource.confirmed_at or resource.accepted_at
    for run in device.runs.values():
        is_withdrawn = run.delivery is DeliveryState.CANCELLED and run.command_uuid is None
        if run.at >= since and not run.is_owed and not is_withdrawn:
            yield run.delivery, run.confirmed_at or run.at


def score_text(score: Score, view: View, now: datetime) -> str:
    """The score after an empty line; nothing when no device has anything to be held against the forecast."""
    lines = [line for sentence in _sentences(score, view.texts, now) for line in view.wrap(sentence)]
    return finish(["", *lines]) if lines else ""


def _sentences(score: Score, texts: Texts, now: datetime) -> Iterator[str]:
    forecast = score.foretold.forecast
    if not score.devices:
        return
    so_far = age((now - score.foretold.at).total_seconds(), texts)
    devices = texts.count("device", score.devices)
    yield texts("score.so_far", age=so_far, devices=devices, confirmed=len(score.waits_s), lost=score.lost)
    if forecast.known:
        half, most = after(forecast.half_s, texts), after(forecast.most_s, texts)
        key = "score.foreseen" if forecast.most_s != 0 else "score.foreseen_at_once"
        yield texts(key, half=half, most=most, devices=texts.count("device", forecast.known))
    for part, seconds in (("half", forecast.half_s), ("most", forecast.most_s)):
        if seconds and (now - score.foretold.at).total_seconds() >= seconds:
            yield texts(f"score.{part}", age=age(seconds, texts), confirmed=score.within(seconds), devices=devices)

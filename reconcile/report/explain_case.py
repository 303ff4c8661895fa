"""One device to be explained: everything known of it, and how a fact of it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from reconcile.model.fleet import DesiredDevice
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice
from reconcile.model.recorded import RecordedDevice
from reconcile.report.style import columns_of, pad
from reconcile.report.view import View, moment, when

_LABELS = ("recorded", "queued", "confirmed", "cloud", "reported", "last_run", "plan")


@dataclass(frozen=True, slots=True)
class Case:
    """Everything known of one device, and how to show it."""

    device: DesiredDevice
    recorded: RecordedDevice | None
    observed: ObservedDevice | None
    sentences: Mapping[str, str]
    names: Mapping[str, str]
    view: View
    delivery: str = ""
    now: datetime | None = None

    def at(self, time: datetime) -> str:
        """A time, and how long ago it was."""
        return moment(time) if self.now is None else f"{moment(time)} ({when(self.view.texts, time, self.now)})"

    def fact(self, label: str, *parts: str) -> list[str]:
        """A labelled line, the labels aligned."""
        texts = self.view.texts
        size = max(columns_of(texts(f"explain.{name}")) for name in _LABELS)
        head = f"  {pad(texts(f'explain.{label}'), size)}  "
        return self.view.flow(parts, head, " " * columns_of(head))

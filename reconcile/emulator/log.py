"""The request log: what the clouds really saw, in order.

Checks of delivery guarantees read this, never a client's own log.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconcile.emulator.clock import iso
from reconcile.emulator.messages import Json


@dataclass(slots=True)
class Entry:
    """One request at a vendor's path.

    landed: it changed something (always false for reads). answered: the client got the whole answer.
    target: LwM2M path or command uuid; Aliyun identifiers. precondition: the deadline or version the cloud checks.
    http_status and code are what the cloud decided, null when the request was lost before it.
    """

    seq: int
    time_ms: int
    cloud: str
    operation: str
    mutating: bool
    device: str | None
    target: Json
    body: Json
    precondition: Json
    http_status: int | None
    code: int | str | None
    landed: bool
    answered: bool
    fault: str | None

    def view(self) -> dict[str, Json]:
        """The entry as the control call shows it."""
        return {
            "seq": self.seq,
            "time": iso(self.time_ms),
            "cloud": self.cloud,
            "operation": self.operation,
            "mutating": self.mutating,
            "device": self.device,
            "target": self.target,
            "body": self.body,
            "precondition": self.precondition,
            "http_status": self.http_status,
            "code": self.code,
            "landed": self.landed,
            "answered": self.answered,
            "fault": self.fault,
        }


class Log:
    """All entries since the start or the last reset; `seq` counts from 1 without gaps."""

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    @property
    def next_seq(self) -> int:
        """The `seq` of the entry to come."""
        return len(self.entries) + 1

    def append(self, entry: Entry) -> None:
        """Add an entry made with `next_seq`."""
        self.entries.append(entry)

    def mark_unanswered(self, seq: int) -> None:
        """Note that the client had left before its answer."""
        if 0 < seq <= len(self.entries):
            self.entries[seq - 1].answered = False

    def after(self, seq: int) -> list[dict[str, Json]]:
        """Views of the entries later than `seq`."""
        return [entry.view() for entry in self.entries[max(0, seq) :]]

"""A cached command and its life: wait, then sent, delivered, expired, failed or cancelled.

Source: OneNET NB-IoT book, list/12 and list/13 (send_status, confirm_status, remain), list/32 (instant commands).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from reconcile.emulator.messages import Json

WAIT: Final = 1
CANCELLED: Final = 2
SENT: Final = 3
EXPIRED: Final = 4
DELIVERED: Final = 5
FAILED: Final = 6

STATE_NAMES = {
    WAIT: "wait",
    CANCELLED: "cancelled",
    SENT: "sent",
    EXPIRED: "expired",
    DELIVERED: "delivered",
    FAILED: "failed",
}
"""Any other number is `undefined` (switch `undefined_status`)."""

REGISTER: Final = 1
UPDATE: Final = 2
NOTIFY: Final = 4
UPLINKS = {"register": REGISTER, "update": UPDATE, "notify": NOTIFY, "report": NOTIFY, "deregister": 0}
"""Bits of trigger_msg; a deregistration releases nothing. A `report` is what Aliyun calls a notify."""

TYPE_NUMBERS = {"READ": 0, "WRITE": 1, "EXECUTE": 2, "OBSERVE": 3}


@dataclass(slots=True)
class Command:
    """One cached command. `path` is what it addresses; times are instants; `attempts` were sent to the device."""

    uuid: str
    imei: str
    type: str
    path: str
    args: dict[str, str]
    content: Json
    mode: int
    created_ms: int
    valid_ms: int
    expired_ms: int
    trigger: int
    retry: int
    timeout: int
    bin2hex: bool = False
    remain: int = 0
    attempts: int = 0
    send_status: int = WAIT
    sent_ms: int | None = None
    confirmed_ms: int | None = None
    confirm_status: str | None = None
    result: Json = None
    feedback: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether the command may still reach the device."""
        return self.send_status in (WAIT, SENT)

    def is_due(self, at_ms: int, uplink: int, *, notify_retries: bool) -> bool:
        """Whether an uplink of that kind releases the command.

        Retries wait "for the next UPDATE or the next online" (list/10, retry); NOTIFY is switch `notify_retries`.
        """
        if not self.valid_ms <= at_ms < self.expired_ms:
            return False
        if self.attempts and not notify_retries:
            return bool(uplink & (REGISTER | UPDATE))
        return bool(self.trigger & uplink)


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant command that was sent, for its trace; `outcome` is a confirm_status."""

    uuid: str
    type: str
    path: str
    at_ms: int
    outcome: str

    def view(self) -> dict[str, Json]:
        """The command as the control call shows it."""
        return {"uuid": self.uuid, "type": self.type, "path": self.path, "outcome": self.outcome}

"""What the engine says, before a façade puts it into its envelope.

Source: OneNET NB-IoT book, Error_codes (errno table for /nbiot and LwM2M actions); API result codes (for /devices).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconcile.emulator.messages import Json

AUTH_FAILED: Final = 1
PARAMETER_REQUIRED: Final = 3
BUSY: Final = 7
NOT_ONLINE: Final = 2001
LOGIC_LIMIT: Final = 5006
UNSUCCESS: Final = 5106
INVALID_PARAMETER: Final = 5108

TEXTS = {
    0: "succ",
    1: "auth failed",
    3: "parameter required",
    7: "service internal error",
    15: "api freq out of limit",
    2001: "device not online",
    5006: "system logic limit",
    5106: "UNSUCESS",
    5108: "invalid parameter",
    5117: "rpc error",
}

DEVICE_TEXTS = {
    0: "succ",
    1: "internal server error",
    2: "api-key required",
    3: "auth failed",
    4: "invalid JSON",
    5: "request entity too large",
    6: "invalid parameter",
    7: "parameter required",
    8: "not found",
    9: "entity data required",
    10: "device not online",
    11: "datastream already exists",
    12: "already exists",
    13: "system limit",
    14: "network latency",
    15: "api freq out of limit",
    16: "unsuccess",
    17: "nbiot server error",
    18: "hs server error",
    19: "device count limit by account policy",
    20: "max 1000 devices per call",
    21: "device field constraint violation",
    22: "invalid protocol",
    23: "contains sensitive words",
}
"""The multi-protocol table (API result codes), for /devices. 1, 3 and 7 collide with the table above."""

CURRENT_TEXTS = {
    10403: "authentication failed",
    10415: "service call failed",
    10417: "product thing model not found",
}
"""Codes of the current platform that were seen; no page lists them."""

REASONS = {
    "SUCCESS": 0,
    "METHOD_NOT_ALLOWED": 1,
    "FORBIDDEN": 2,
    "NOT_FOUND": 3,
    "INTERNAL_SERVER_ERROR": 4,
    "TIME_OUT": 5,
    "REQ_PARAM_ERROR": 6,
    "RESP_ERROR": 7,
    "UNAUTHORIZED": 8,
    "BAD_REQUEST": 9,
    "NOT_ACCEPTABLE": 10,
    "UNSUPPORTED_CONTENT_FORMAT": 11,
    "OFFLINE": 12,
    "ADDR_OCCUPIED": 13,
}
"""Sub-reasons of 5106, which are also the confirm_status of cached commands."""


@dataclass(frozen=True, slots=True)
class Reply:
    """errno, error text and, when `has_data`, data. Thing-model calls fail with a code's name for an errno.

    `landed` when something changed; `waited_s` is how long the platform waited for the device.
    """

    errno: int | str = 0
    error: str = "succ"
    data: Json = None
    has_data: bool = False
    landed: bool = False
    waited_s: float = 0.0


class RefusedError(Exception):
    """The platform refuses a call before anything happened."""

    def __init__(self, errno: int | str, detail: str = "") -> None:
        self.reply = Reply(errno, detail) if isinstance(errno, str) else Reply(errno, _text(TEXTS, errno, detail))
        super().__init__(self.reply.error)


class DeviceCallRefusedError(RefusedError):
    """The same for a /devices call, in the words of the multi-protocol table."""

    def __init__(self, errno: int, detail: str = "") -> None:
        super().__init__(errno)
        self.reply = Reply(errno, _text(DEVICE_TEXTS, errno, detail))


def _text(texts: Mapping[int, str], errno: int, detail: str) -> str:
    text = texts.get(errno, "unknown error")
    return f"{text}: {detail}" if detail else text


def with_data(data: Json, *, landed: bool = False) -> Reply:
    """A success that carries data."""
    return Reply(data=data, has_data=True, landed=landed)


def unsuccess(reason: str, switches: Mapping[str, str], *, landed: bool = False, waited_s: float = 0.0) -> Reply:
    """Errno 5106 with its sub-reason (assumed in the error text: switch `error_text`)."""
    text = TEXTS[UNSUCCESS] if switches["error_text"] == "bare" else f"unsuccess:{reason}"
    return Reply(UNSUCCESS, text, landed=landed, waited_s=waited_s)

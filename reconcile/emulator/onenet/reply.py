"""What the engine says, before a façade puts it into its envelope.

Source: OneNET NB-IoT book, Error_codes (errno table for /nbiot and LwM2M actions).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from reconcile.emulator.messages import Json

AUTH_FAILED: Final = 1
PARAMETER_REQUIRED: Final = 3
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
    """errno, error text and, when `has_data`, data.

    `landed` when something changed; `reached` is false when the device kept silent for the whole timeout.
    """

    errno: int = 0
    error: str = "succ"
    data: Json = None
    has_data: bool = False
    landed: bool = False
    reached: bool = True


class RefusedError(Exception):
    """The platform refuses a call before anything happened."""

    def __init__(self, errno: int, detail: str = "") -> None:
        text = TEXTS.get(errno, "unknown error")
        self.reply = Reply(errno, f"{text}: {detail}" if detail else text)
        super().__init__(self.reply.error)


def with_data(data: Json, *, landed: bool = False) -> Reply:
    """A success that carries data."""
    return Reply(data=data, has_data=True, landed=landed)


def unsuccess(reason: str, switches: dict[str, str], *, landed: bool = False) -> Reply:
    """Errno 5106 with its sub-reason (assumed in the error text: switch `error_text`)."""
    text = TEXTS[UNSUCCESS] if switches["error_text"] == "bare" else f"unsuccess:{reason}"
    return Reply(UNSUCCESS, text, landed=landed, reached=reason != "TIME_OUT")

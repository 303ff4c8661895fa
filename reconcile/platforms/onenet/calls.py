"""A call and the reading of its answer: what every part of the client asks through."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from reconcile.model.errors import InDoubt
from reconcile.model.values import Json
from reconcile.platforms.onenet.config import Side
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire.answers import Unparsable
from reconcile.platforms.onenet.wire.requests import WireRequest

ANSWER_TIMEOUT_S = 15.0
DEVICE_MARGIN_S = 10.0
"""Beyond the device's `timeout`: with less, "not delivered" could not be told from "delivered" (FAQ-NB api#1)."""

T = TypeVar("T")


async def ask(
    transport: Transport,
    side: Side,
    request: WireRequest,
    read: Callable[[Json], T],
    patience: Patience | None = None,
) -> T:
    """The answer's data, read. Raises: CallFailed; InDoubt for an answer that cannot be read or is not to our call."""
    answer = await transport.call(side, request, patience or Patience(ANSWER_TIMEOUT_S))
    try:
        return read(answer.data)
    except Unparsable as exc:
        raise InDoubt(f"OneNET's answer cannot be read: {exc}") from exc

"""Sends a notice once, over TLS, to an address that is itself a secret: it is in no message and no error."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import httpx

from reconcile.gitops.notices.notice import NoticeRefusedError
from reconcile.gitops.notices.robots import Message, Robot
from reconcile.model.address import is_safe
from reconcile.model.values import JsonObject

_TIMEOUT_S = 15.0
_ANSWER_BYTES = 64 * 1024


def send(robot: Robot, address: str, message: Message, *, transport: httpx.BaseTransport | None = None) -> None:
    """One POST. Raises: NoticeRefusedError with what the other side said, never with the address."""
    host = _checked(address)
    joined = (
        f"{address}{'&' if urlsplit(address).query else '?'}{message.parameters}" if message.parameters else address
    )
    try:
        with (
            httpx.Client(timeout=_TIMEOUT_S, trust_env=False, transport=transport) as client,
            client.stream("POST", joined, content=message.body, headers=dict(message.headers)) as answer,
        ):
            content = b""
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > _ANSWER_BYTES:
                    break
    except httpx.HTTPError as exc:
        raise NoticeRefusedError(
            f"{host} could not be told: {type(exc).__name__}. Check network and address."
        ) from None
    if not answer.is_success:
        raise NoticeRefusedError(f"{host} answered HTTP {answer.status_code}. Check the address and its permissions.")
    refusal = robot.refusal(_object(content))
    if refusal:
        raise NoticeRefusedError(f"{host} refused the notice: {refusal[:300]}")


def _checked(address: str) -> str:
    """The host. http:// is for loopback only: the address holds the key."""
    if not is_safe(address):
        raise NoticeRefusedError("the address of the notice is no https:// URL. Put the robot's whole address there.")
    return urlsplit(address).hostname or ""


def _object(content: bytes) -> JsonObject:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}

"""How each chat room wants a notice: the request, its signature, its limits, and how it says yes.

All texts go as plain text, so nothing in a device's name becomes a mention, a link or a picture. Sources: the vendors'
pages on custom robots (DingTalk, WeCom, Feishu) and incoming webhooks (Slack); limits are theirs in bytes of UTF-8.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from urllib.parse import urlencode

from reconcile.gitops.notices.notice import Notice
from reconcile.model.late import dataclass
from reconcile.model.values import JsonObject


@dataclass(frozen=True, slots=True)
class Message:
    """What to POST: parameters to add to the address, headers, and the body."""

    body: bytes
    parameters: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json; charset=utf-8"})


@dataclass(frozen=True, slots=True)
class Robot:
    """`compose` takes the notice, the signing secret ("" for none) and the time; `refusal` reads an answer of 200."""

    compose: Callable[[Notice, str, datetime], Message]
    refusal: Callable[[JsonObject], str]


def _dingtalk(notice: Notice, secret: str, now: datetime) -> Message:
    body: JsonObject = {"msgtype": "text", "text": {"content": _fit(notice, 18_000)}}
    if not secret:
        return Message(_json(body))
    milliseconds = str(int(now.timestamp() * 1000))
    digest = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), "sha256")
    return Message(_json(body), urlencode({"timestamp": milliseconds, "sign": base64.b64encode(digest).decode()}))


def _feishu(notice: Notice, secret: str, now: datetime) -> Message:
    # `<at user_id="all">` inside a text is a mention: no text of ours needs an angle bracket.
    text = _fit(notice, 18_000).replace("<", "＜").replace(">", "＞")
    body: JsonObject = {"msg_type": "text", "content": {"text": text}}
    if secret:
        seconds = str(int(now.timestamp()))
        digest = hmac.digest(f"{seconds}\n{secret}".encode(), b"", "sha256")
        body = {"timestamp": seconds, "sign": base64.b64encode(digest).decode(), **body}
    return Message(_json(body))


def _wecom(notice: Notice, _secret: str, _now: datetime) -> Message:
    return Message(_json({"msgtype": "text", "text": {"content": _fit(notice, 2_048)}}))


def _slack(notice: Notice, _secret: str, _now: datetime) -> Message:
    text = _fit(notice, 3_000).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Message(_json({"text": text, "mrkdwn": False, "unfurl_links": False}))


def _webhook(notice: Notice, secret: str, now: datetime) -> Message:
    """JSON of facts and text; signed with the time, as `t=SECONDS,v1=HEX` over `SECONDS.BODY` with HMAC-SHA256."""
    body = _json({**notice.facts, "text": notice.text, "bad": notice.is_bad, "link": notice.link})
    headers = {"content-type": "application/json; charset=utf-8"}
    if secret:
        seconds = str(int(now.timestamp()))
        digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers["x-reconcile-signature"] = f"t={seconds},v1={digest}"
    return Message(body, headers=headers)


def _by_code(*names: str) -> Callable[[JsonObject], str]:
    """The refusal in an answer that carries a code: the first of the names that is there tells, 0 is yes."""

    def refusal(answer: JsonObject) -> str:
        code = next((answer[name] for name in names if name in answer), None)
        if code == 0:
            return ""
        said = next((str(answer[name]) for name in ("errmsg", "msg", "StatusMessage") if name in answer), "")
        return f"{code}: {said}" if code is not None else "an answer without a code"

    return refusal


def _anything(_answer: JsonObject) -> str:
    return ""


ROBOTS = {
    "dingtalk": Robot(_dingtalk, _by_code("errcode")),
    "wecom": Robot(_wecom, _by_code("errcode")),
    "feishu": Robot(_feishu, _by_code("code", "StatusCode")),
    "slack": Robot(_slack, _anything),
    "webhook": Robot(_webhook, _anything),
}


def _fit(notice: Notice, limit_bytes: int) -> str:
    """The text within so many bytes of UTF-8; what is cut ends in `…`, and no character is cut in two."""
    text = notice.text.encode()
    if len(text) <= limit_bytes:
        return notice.text
    return text[: limit_bytes - 3].decode("utf-8", "ignore") + "…"


def _json(body: JsonObject) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

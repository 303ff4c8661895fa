"""Whether a call that failed had an effect: by error table, number and text together. Pure.

Premise: OneNET has two error tables that give 1, 3 and 7 different meanings, and one number (5106) only says that the
device did not succeed. Rule: what is not known to be a refusal is in doubt.

| class      | commands                                                             | devices          |
| ---------- | -------------------------------------------------------------------- | ---------------- |
| refused    | 1, 3, 15, 2001, 5006, 10403, 5106 with a reason of `_REFUSING`       | 2-13, 15, 18-23  |
| in doubt   | 7, 5108, 5117, 10415, 5106 with any other reason or none, all others | 1, 14, 16, 17, others |

Source: OneNET NB-IoT book Error_codes; multi-protocol book, API result codes; live answers of the current platform.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconcile.model.errors import CallFailed, InDoubt, Refused
from reconcile.platforms.onenet.wire.answers import Envelope
from reconcile.platforms.onenet.wire.queue_answers import REASONS
from reconcile.platforms.onenet.wire.requests import Family

UNSUCCESS = "5106"
_TEXT_LENGTH = 100
_PACE_S = 1.0

_MEANINGS = {
    "1": "the key does not belong to this device, or the platform does not know the device",
    "3": "a parameter is missing, or the credentials are not accepted",
    "7": "internal error of the platform",
    "15": "too many calls per second",
    "2001": "the device is not online",
    "5006": "a limit of the platform, perhaps the 10 cached commands of a device",
    "5108": "invalid parameter, or an error between platform and device",
    "5117": "internal error of the platform",
    "10403": "the credentials are not accepted",
}
_REASON_MEANINGS = {
    "METHOD_NOT_ALLOWED": "the device does not allow this on the resource",
    "FORBIDDEN": "the device is not registered",
    "NOT_FOUND": "the device has no such object or resource",
    "TIME_OUT": "the device did not answer in time",
    "REQ_PARAM_ERROR": "the value does not fit the type of the resource",
    "OFFLINE": "the device is not registered",
}
# REQ_PARAM_ERROR: the platform could not encode the value (FAQ#49); no documented way for it to have had an effect.
_REFUSING = frozenset({
    "METHOD_NOT_ALLOWED", "FORBIDDEN", "NOT_FOUND", "REQ_PARAM_ERROR", "UNAUTHORIZED", "BAD_REQUEST", "NOT_ACCEPTABLE",
    "UNSUPPORTED_CONTENT_FORMAT", "OFFLINE",
})  # fmt: skip
_UNREACHABLE = frozenset({"FORBIDDEN", "OFFLINE"})
_COMMAND_REFUSED = frozenset({"1", "3", "15", "2001", "5006", "10403"})
_DEVICES_IN_DOUBT = frozenset({"1", "14", "16", "17"})
_DEVICES_HIGHEST = 23

_REASON = re.compile("|".join(sorted(REASONS, key=len, reverse=True)), re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00b7-\uffdc]+")
_AUTH_WORDS = ("token", "auth", "鉴权")


def failure(family: Family, answer: Envelope, secrets: Iterable[str] = ()) -> CallFailed:
    """The exception for a well-formed answer that is not a success."""
    reason = reason_of(answer)
    code = f"{answer.code} {reason}" if reason else answer.code
    message = _message(answer, reason, secrets)
    if reason is not None:
        if reason in _REFUSING:
            return Refused(message, vendor_code=code, unreachable=reason in _UNREACHABLE)
        return InDoubt(message, vendor_code=code)
    if not _is_refusal(family, answer.code):
        return InDoubt(message, vendor_code=code)
    is_pace = answer.code == "15"
    return Refused(
        message,
        vendor_code=code,
        retry_after_s=_PACE_S if is_pace else None,
        unreachable=answer.code == "2001",
    )


def http_failure(status: int) -> CallFailed:
    """The exception for an HTTP status that is not a success: 4xx refused it, of anything else we cannot know."""
    message = f"OneNET answered HTTP {status}"
    if not 400 <= status < 500 or status in (408, 499):  # both say only that somebody gave up waiting
        return InDoubt(message, vendor_code=f"HTTP {status}")
    return Refused(message, vendor_code=f"HTTP {status}", retry_after_s=_PACE_S if status == 429 else None)


def is_about_credentials(failed: CallFailed, answer: Envelope | None) -> bool:
    """True when a fresh token might be accepted: the only refusal that is worth signing again."""
    if failed.vendor_code in ("HTTP 401", "HTTP 403", "10403"):
        return True
    if answer is None or answer.code not in ("1", "3"):
        return False
    return any(word in answer.text.lower() for word in _AUTH_WORDS)


def reason_of(answer: Envelope) -> str | None:
    """The sub-reason in the text of 5106, in any case; None when it names none (emulator switch error_text)."""
    if answer.code != UNSUCCESS:
        return None
    # The text begins with "unsuccess", which must not be read as SUCCESS.
    found = _REASON.search(re.sub("un?succ?ess", "", answer.text, flags=re.IGNORECASE))
    return found.group().upper() if found else None


def _is_refusal(family: Family, code: str) -> bool:
    if family is Family.DEVICES and code.isdigit() and int(code) <= _DEVICES_HIGHEST:
        return code not in _DEVICES_IN_DOUBT
    if family is Family.DEVICES:
        return False
    return code in _COMMAND_REFUSED


def _message(answer: Envelope, reason: str | None, secrets: Iterable[str]) -> str:
    text = sanitised(answer.text, secrets)
    meaning = _REASON_MEANINGS.get(reason or "") or _MEANINGS.get(answer.code)
    said = f"OneNET answered {answer.code}" + (f" ({text})" if text else "")
    return f"{said}: {meaning}" if meaning else said


def sanitised(text: str, secrets: Iterable[str] = ()) -> str:
    """Foreign text, printable, short, and without anything we know to be secret."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= _TEXT_LENGTH else text[: _TEXT_LENGTH - 1] + "…"

"""Whether a call that failed had an effect: by family of calls, code and text together (`error_tables`). Pure.

Premise: 1, 3 and 7 mean different things to commands and to devices, and 5106 says only that the device did not succeed
in something.
Rule: the family's table decides; its text can only make it more careful: a refusal whose text speaks of an internal
error is the other table's and in doubt. The one text that decides by itself is "device not online", which says that
nothing was sent to the device (its code on the current platform is not documented).
Source: OneNET NB-IoT book Error_codes; multi-protocol book, API result codes; Studio book api/code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reconcile.model.errors import CallFailed, InDoubt, Refused
from reconcile.platforms.onenet.error_tables import REASONS, TABLES, UNKNOWN, Effect, Entry
from reconcile.platforms.onenet.wire.answers import Envelope
from reconcile.platforms.onenet.wire.queue_answers import REASONS as REASON_NAMES
from reconcile.platforms.onenet.wire.requests import Family

UNSUCCESS = "5106"
_TEXT_LENGTH = 100
_CODE_LENGTH = 60
_PACE_S = 1.0
_OFFLINE_TEXT = "device not online"
_HTTP_MEANINGS = {
    401: "the credentials are not accepted",
    403: "the credentials are not accepted, or the token's resource may not do this",
    429: "too many calls per second",
}

_REASON = re.compile("|".join(sorted(REASON_NAMES, key=len, reverse=True)), re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00b7-\uffdc]+")
_AUTH_WORDS = ("token", "auth", "鉴权")


def failure(family: Family, answer: Envelope, secrets: Iterable[str] = ()) -> CallFailed:
    """The exception for a well-formed answer that is not a success."""
    reason = reason_of(answer)
    entry = entry_of(family, answer, reason)
    code = sanitised(answer.code, secrets)[:_CODE_LENGTH]
    text = sanitised(answer.text, secrets)
    said = f"OneNET answered {code}" + (f" ({text})" if text else "")
    message = f"{said}: {entry.meaning}" if entry.meaning else said
    vendor_code = f"{code} {reason}" if reason else code
    if entry.effect is Effect.IN_DOUBT:
        return InDoubt(message, vendor_code=vendor_code)
    return Refused(
        message,
        vendor_code=vendor_code,
        retry_after_s=_PACE_S if entry.effect is Effect.PACE else None,
        unreachable=entry.effect is Effect.OFFLINE,
        account_wide=entry.is_account_wide or _speaks_of_keys(answer),
    )


def entry_of(family: Family, answer: Envelope, reason: str | None) -> Entry:
    """What the tables say of an answer, its text considered."""
    if reason is not None:
        return REASONS.get(reason, UNKNOWN)
    text = answer.text.lower()
    code = answer.code.rpartition(".")[2] if family is Family.STUDIO else answer.code
    entry = TABLES[family].get(code, UNKNOWN)
    if _OFFLINE_TEXT in text and family is not Family.DEVICES:
        return Entry(Effect.OFFLINE, "the device is not online")
    if entry.effect is not Effect.IN_DOUBT and "internal" in text:
        return Entry(Effect.IN_DOUBT, "code and text contradict each other")
    return entry


def http_failure(status: int) -> CallFailed:
    """The exception for an HTTP status that is not a success: 4xx refused it, of anything else we cannot know."""
    message = f"OneNET answered HTTP {status}"
    if status in _HTTP_MEANINGS:
        message += f": {_HTTP_MEANINGS[status]}"
    if not 400 <= status < 500 or status in (408, 499):  # both say only that somebody gave up waiting
        return InDoubt(message, vendor_code=f"HTTP {status}")
    # What HTTP itself refuses never came to a device: those answers are 200 with a code.
    pace_s = _PACE_S if status == 429 else None
    return Refused(message, vendor_code=f"HTTP {status}", retry_after_s=pace_s, account_wide=True)


def is_about_credentials(failed: CallFailed, answer: Envelope | None) -> bool:
    """True when a fresh token might be accepted: the only refusal that is worth signing again."""
    if failed.vendor_code in ("HTTP 401", "HTTP 403", "10403") or failed.vendor_code.endswith(".authPermissionDeny"):
        return True
    return answer is not None and _speaks_of_keys(answer)


def _speaks_of_keys(answer: Envelope) -> bool:
    return answer.code in ("1", "3") and any(word in answer.text.lower() for word in _AUTH_WORDS)


def reason_of(answer: Envelope) -> str | None:
    """The sub-reason in the text of 5106, in any case; None when it names none (emulator switch error_text)."""
    if answer.code != UNSUCCESS:
        return None
    # The text begins with "unsuccess", which must not be read as SUCCESS.
    found = _REASON.search(re.sub("un?succ?ess", "", answer.text, flags=re.IGNORECASE))
    return found.group().upper() if found else None


def sanitised(text: str, secrets: Iterable[str] = ()) -> str:
    """Foreign text, printable, short, and without anything we know to be secret."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _UNPRINTABLE.sub(" ", text).strip()
    return text if len(text) <= _TEXT_LENGTH else text[: _TEXT_LENGTH - 1] + "…"

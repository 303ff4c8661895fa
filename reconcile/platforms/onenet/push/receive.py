"""The body of a push, from bytes to messages: signature first, then decryption, then reading.

Premise: the signature is over the message as it stands in the body; the vendor's own samples print the parsed object
again and disagree on how. Rule: the text of `msg` is cut out of the body byte for byte.
Source: NB-IoT book, manual/httppush/develop-manual; Studio book, push/http_push.
"""

from __future__ import annotations

import json
from dataclasses import field

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.onenet.push import encryption
from reconcile.platforms.onenet.push.encryption import Undecipherable
from reconcile.platforms.onenet.push.messages import Message, classic_messages, studio_message
from reconcile.platforms.onenet.push.signature import is_signed
from reconcile.platforms.onenet.wire.answers import Unparsable

MAX_BYTES = 4 * 1024 * 1024
_DECODER = json.JSONDecoder()


class PushRejected(ValueError):
    """A push that is not to be believed or cannot be read. The text names the reason, never the content."""


@dataclass(frozen=True, slots=True)
class PushSettings:
    """What the console's settings of a push hold. `aes_key`: only in safe mode, which then is required."""

    token: str = field(repr=False)
    aes_key: str | None = field(default=None, repr=False)


def receive_classic(content: bytes, settings: PushSettings) -> tuple[Message, ...]:
    """The messages of a classic push. Raises: PushRejected; ReconcileError for keys that cannot be used."""
    raw, body = _opened(content)
    name = "msg" if settings.aes_key is None else "enc_msg"
    message, nonce, claimed = body.get(name), body.get("nonce"), body.get("msg_signature")
    if name not in body or not isinstance(nonce, str) or not isinstance(claimed, str):
        raise PushRejected(f"it has no {name}, nonce or msg_signature")
    signed = message if isinstance(message, str) else raw[name]
    if not is_signed(settings.token, nonce, signed, claimed):
        raise PushRejected("its signature is not ours")
    try:
        if settings.aes_key is not None:
            if not isinstance(message, str):
                raise PushRejected("enc_msg is not a text")
            message = _json(encryption.decrypt_classic(message, settings.aes_key))
        return classic_messages(message)
    except (Unparsable, Undecipherable) as exc:
        raise PushRejected(str(exc)) from exc


def receive_studio(content: bytes, settings: PushSettings) -> Message:
    """The message of a Studio push, whose `msg` is JSON in a text. Raises: as `receive_classic`."""
    _, body = _opened(content)
    message, nonce, claimed = (body.get(name) for name in ("msg", "nonce", "signature"))
    if not isinstance(message, str) or not isinstance(nonce, str) or not isinstance(claimed, str):
        raise PushRejected("it has no msg, nonce or signature")
    if not is_signed(settings.token, nonce, message, claimed):
        raise PushRejected("its signature is not ours")
    try:
        text = message if settings.aes_key is None else encryption.decrypt_studio(message, settings.aes_key)
        return studio_message(_json(text))
    except (Unparsable, Undecipherable) as exc:
        raise PushRejected(str(exc)) from exc


def _opened(content: bytes) -> tuple[dict[str, str], JsonObject]:
    """The members of the body, as they stand there and as values."""
    if len(content) > MAX_BYTES:
        raise PushRejected("it is too large")
    try:
        text = content.decode()
        return _members(text)
    except (ValueError, RecursionError):
        raise PushRejected("it is not a JSON object, or names a member twice") from None


def _members(text: str) -> tuple[dict[str, str], JsonObject]:
    """Raises: ValueError."""
    raw: dict[str, str] = {}
    values: JsonObject = {}
    at = _skip(text, 0, "{")
    while text[at : at + 1] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at, ":")
        value, end = _DECODER.raw_decode(text, at)
        if not isinstance(name, str) or name in raw:
            raise ValueError(name)
        raw[name], values[name] = text[at:end], value
        at = _skip(text, end, "")
        if text[at : at + 1] == ",":
            at = _skip(text, at, ",")
            if text[at : at + 1] == "}":
                raise ValueError(at)
        elif text[at : at + 1] != "}":
            raise ValueError(at)
    if _skip(text, at + 1, "") != len(text):
        raise ValueError(at)
    return raw, values


def _skip(text: str, at: int, expected: str) -> int:
    """The place after white space, the expected character and white space again. Raises: ValueError."""
    while text[at : at + 1] in (" ", "\t", "\r", "\n"):
        at += 1
    if not expected:
        return at
    if text[at : at + 1] != expected:
        raise ValueError(at)
    return _skip(text, at + 1, "")


def _json(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        raise Unparsable("the message is not JSON") from None
    return value

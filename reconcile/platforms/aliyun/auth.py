"""Signatures: version 1.0 (HMAC-SHA1, RPC) and version 3 (ACS3-HMAC-SHA256). Nonce and time come in as arguments.

Source: Aliyun IoT, Signature method; V3 request structure and signature. Both vectors are in the tests.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from reconcile.model.late import dataclass
from reconcile.platforms.aliyun.wire import API_VERSION, Call

_FORM: Final = "application/x-www-form-urlencoded"
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*")
_ESCAPES: Final = {code: quote(chr(code), safe="") for code in range(128)}
"""ASCII by table: `quote` looks at every character in Python, and values are JSON, full of quotes and colons."""
_EMPTY_SHA256: Final = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key; with STS also the security token that belongs to it."""

    access_key_id: str = field(repr=False)
    access_key_secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Once:
    """What makes one signature unlike any other: a nonce that is never used again, and the server's time."""

    nonce: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """A request ready to be sent: the encoded query, all headers but those of the transport, and the body."""

    query: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)


def sign_v1(call: Call, keys: Keys, *, answer_format: str, region: str | None, once: Once) -> Signed:
    """A POST signed with version 1.0: everything is a parameter, the signature too."""
    public = {
        "AccessKeyId": keys.access_key_id,
        "Action": call.action,
        "Format": answer_format,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": once.nonce,
        "SignatureVersion": "1.0",
        "Timestamp": timestamp(once.at),
        "Version": API_VERSION,
    }
    if region:
        public["RegionId"] = region
    if keys.security_token is not None:
        public["SecurityToken"] = keys.security_token
    query = {**call.query, **public}
    signature = v1_signature("POST", {**query, **call.form}, keys.access_key_secret)
    encoded = f"{encode(query)}&Signature={_quote(signature)}"
    body = encode(call.form).encode()
    return Signed(encoded, (("content-type", _FORM),) if body else (), body)


def sign_acs3(call: Call, keys: Keys, *, host: str, once: Once) -> Signed:
    """A POST signed with version 3: public parameters and signature are headers."""
    query = encode(call.query)
    body = encode(call.form).encode()
    body_sha256 = hashlib.sha256(body).hexdigest() if body else _EMPTY_SHA256
    headers = {
        "host": host,
        "x-acs-action": call.action,
        "x-acs-content-sha256": body_sha256,
        "x-acs-date": timestamp(once.at),
        "x-acs-signature-nonce": once.nonce,
        "x-acs-version": API_VERSION,
    }
    if body:
        headers["content-type"] = _FORM
    if keys.security_token is not None:
        headers["x-acs-security-token"] = keys.security_token
        headers["x-acs-accesskey-id"] = keys.access_key_id
    authorization = acs3_authorization("POST", query, headers, body_sha256, keys)
    return Signed(query, (*headers.items(), ("authorization", authorization)), body)


def v1_signature(method: str, parameters: Mapping[str, str], access_key_secret: str) -> str:
    """Base64 of the HMAC-SHA1 over all decoded parameters but the signature itself."""
    # What is encoded once holds no reserved character but these three.
    twice = encode(parameters).replace("%", "%25").replace("=", "%3D").replace("&", "%26")
    to_sign = f"{method}&%2F&{twice}"
    digest = hmac.digest(f"{access_key_secret}&".encode(), to_sign.encode(), "sha1")
    return base64.b64encode(digest).decode()


def acs3_authorization(method: str, query: str, headers: Mapping[str, str], body_sha256: str, keys: Keys) -> str:
    """The `Authorization` header over an encoded, sorted query and every header given (lower-case names)."""
    names = sorted(headers)
    signed_names = ";".join(names)
    lines = "".join([f"{name}:{headers[name].strip()}\n" for name in names])
    canonical = f"{method}\n/\n{query}\n{lines}\n{signed_names}\n{body_sha256}"
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(keys.access_key_secret.encode(), to_sign.encode(), "sha256").hex()
    return f"ACS3-HMAC-SHA256 Credential={keys.access_key_id},SignedHeaders={signed_names},Signature={signature}"


def encode(parameters: Mapping[str, str]) -> str:
    """`name=value` joined with `&`, sorted by name, percent-encoded by RFC 3986 (space is %20, ~ stays).

    Raises: UnicodeEncodeError for text that is not Unicode (a lone surrogate).
    """
    return "&".join([f"{_quote(name)}={_quote(value)}" for name, value in sorted(parameters.items())])


def timestamp(at: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ssZ` in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def scrub(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    return text


@lru_cache(maxsize=512)
def _quote(text: str) -> str:
    """Percent-encoded. Devices of a class are sent the same long texts, and their names are alike as well."""
    if _PLAIN.fullmatch(text):
        return text
    return text.translate(_ESCAPES) if text.isascii() else quote(text, safe="", errors="strict")

"""Aliyun signatures, verified as the gateway does: RPC version 1.0 (HMAC-SHA1) and ACS3-HMAC-SHA256.

Source: Aliyun IoT, signature method (help document 30563); "V3 request structure and signature". Works on decoded
parameters: SDKs write a space as `+` or `%20` on the wire but sign `%20`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from reconcile.emulator.aliyun.errors import GatewayError, missing
from reconcile.emulator.clock import parse_utc
from reconcile.emulator.credentials import (
    ALIYUN_ACCESS_KEY_ID,
    ALIYUN_ACCESS_KEY_SECRET,
    ALIYUN_EXPIRED_SECURITY_TOKEN,
    ALIYUN_READER_KEY_ID,
    ALIYUN_READER_KEY_SECRET,
    ALIYUN_SECURITY_TOKEN,
)
from reconcile.emulator.messages import Request

_SECRETS = {ALIYUN_ACCESS_KEY_ID: ALIYUN_ACCESS_KEY_SECRET, ALIYUN_READER_KEY_ID: ALIYUN_READER_KEY_SECRET}
TOLERANCE_MS = 15 * 60 * 1000
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
_ACS3 = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request, and the nonce it was signed with; a reader may change nothing."""

    access_key_id: str
    nonce: str

    @property
    def may_write(self) -> bool:
        """Whether its policy allows more than reading."""
        return self.access_key_id != ALIYUN_READER_KEY_ID


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Sorted and percent-encoded by RFC 3986."""
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(pairs))


def _encode(text: str) -> str:
    # Most names and values need no encoding, and `quote` takes its time to find that out.
    return text if _PLAIN.fullmatch(text) else quote(text, safe="~")


def v1_string_to_sign(method: str, pairs: Pairs) -> str:
    """Over all query and form parameters but Signature, blank ones included."""
    return f"{method}&%2F&{quote(canonical_query(pair for pair in pairs if pair[0] != 'Signature'), safe='~')}"


def v1_signature(secret: str, string_to_sign: str) -> str:
    """Base64 HMAC-SHA1; the key is the secret and an ampersand."""
    return base64.b64encode(hmac.new(f"{secret}&".encode(), string_to_sign.encode(), hashlib.sha1).digest()).decode()


def acs3_string_to_sign(request: Request, signed: Sequence[str]) -> str:
    """Over the header list the caller names in SignedHeaders."""
    lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed)
    query = canonical_query(parse_qsl(request.query, keep_blank_values=True))
    body_hash = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join((request.method, request.path, query, lines, ";".join(signed), body_hash))
    return f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def acs3_signature(secret: str, string_to_sign: str) -> str:
    """Hexadecimal HMAC-SHA256; the key is the bare secret."""
    return hmac.new(secret.encode(), string_to_sign.encode(), hashlib.sha256).hexdigest()


def verify_v1(method: str, pairs: Pairs, clocks_ms: Sequence[int]) -> Caller:
    """Who made a well-signed V1 request. Raises GatewayError."""
    params = dict(pairs)
    for name in ("AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"):
        if not params.get(name):
            raise missing(name)
    if params["SignatureMethod"] != "HMAC-SHA1" or params["SignatureVersion"] != "1.0":
        raise GatewayError("IncompleteSignature")
    _check_timestamp(params["Timestamp"], clocks_ms)
    secret = _secret_of(params["AccessKeyId"], params.get("SecurityToken"))
    text = v1_string_to_sign(method, pairs)
    _check_signature(v1_signature(secret, text), params["Signature"], text)
    return Caller(params["AccessKeyId"], params["SignatureNonce"])


def verify_acs3(request: Request, clocks_ms: Sequence[int]) -> Caller:
    """Who made a well-signed ACS3 request. Raises GatewayError."""
    headers = request.headers
    match = _ACS3.fullmatch(headers.get("authorization", "").strip())
    if match is None:
        raise GatewayError("IncompleteSignature")
    for name, header in (("Timestamp", "x-acs-date"), ("SignatureNonce", "x-acs-signature-nonce")):
        if not headers.get(header):
            raise missing(name)
    signed = match[2].split(";")
    if "host" not in signed or any(name.startswith("x-acs-") and name not in signed for name in headers):
        raise GatewayError("IncompleteSignature")
    _check_timestamp(headers["x-acs-date"], clocks_ms)
    secret = _secret_of(match[1], headers.get("x-acs-security-token"))
    text = acs3_string_to_sign(request, signed)
    _check_signature(acs3_signature(secret, text), match[3], text)
    return Caller(match[1], headers["x-acs-signature-nonce"])


def _check_timestamp(text: str, clocks_ms: Sequence[int]) -> None:
    try:
        stamp_ms = parse_utc(text)
    except ValueError:
        raise GatewayError("InvalidTimeStamp.Format") from None
    if all(abs(stamp_ms - clock_ms) > TOLERANCE_MS for clock_ms in clocks_ms):
        raise GatewayError("InvalidTimeStamp.Expired")


def _secret_of(access_key_id: str, security_token: str | None) -> str:
    if access_key_id not in _SECRETS:
        raise GatewayError("InvalidAccessKeyId.NotFound")
    if security_token == ALIYUN_EXPIRED_SECURITY_TOKEN:
        raise GatewayError("InvalidSecurityToken.Expired")
    if security_token not in (None, ALIYUN_SECURITY_TOKEN):
        raise GatewayError("InvalidSecurityToken.Malformed")
    return _SECRETS[access_key_id]


def _check_signature(expected: str, given: str, string_to_sign: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        # The older SDK's parser takes what follows the first colon, and breaks without one.
        text = f"Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}"
        raise GatewayError("SignatureDoesNotMatch", text)

"""OneNET credentials: master keys and tokens.

Source: OneNET, security and authentication (token algorithm); NB-IoT book, list/10: the api-key must be the MasterKey.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import unquote

from reconcile.emulator.credentials import ONENET_ACCESS_KEY

METHODS = frozenset({"md5", "sha1", "sha256"})
_PARTS = ("version", "res", "et", "method", "sign")


def sign(access_key: str, *, version: str, res: str, et: str, method: str) -> str:
    """Base64 signature over et, method, res and version, one a line, in that order."""
    text = f"{et}\n{method}\n{res}\n{version}"
    mac = hmac.new(base64.b64decode(access_key), text.encode(), method)
    return base64.b64encode(mac.digest()).decode()


def parse_token(header: str) -> dict[str, str]:
    """The decoded parts of an `authorization` value; parts that are missing are missing."""
    parts = (piece.partition("=") for piece in header.split("&"))
    return {name: unquote(value) for name, _, value in parts}


def token_problem(
    header: str, *, resources: Mapping[str, frozenset[str]], now_ms: int, access_key: str = ONENET_ACCESS_KEY
) -> str:
    """Why a token is refused; empty when it is good. `resources` maps each accepted version to its `res` values."""
    if not header:
        return "authorization cannot be empty"
    token = parse_token(header)
    missing = [name for name in _PARTS if not token.get(name)]
    if missing:
        return f"token part missing: {missing[0]}"
    if token["version"] not in resources:
        return "token version not supported"
    if token["res"] not in resources[token["version"]]:
        return "token res not allowed"
    if token["method"] not in METHODS:
        return "token method not supported"
    if not token["et"].isdecimal() or len(token["et"]) > 12:
        return "token et invalid"
    if int(token["et"]) * 1000 < now_ms:
        return "token expired"
    expected = sign(access_key, version=token["version"], res=token["res"], et=token["et"], method=token["method"])
    return "" if hmac.compare_digest(expected.encode(), token["sign"].encode()) else "token sign mismatch"
